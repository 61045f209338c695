"""What Alembic runs: the steps on the connection that it is given, in that connection's transaction."""  # noqa: INP001 - Alembic loads it as a file

from __future__ import annotations

from alembic import context

from kefu.store.schema import REVISION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=REVISION_TABLE,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
