"""The schema brought to the revision of this kefu, inside the caller's transaction."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(connection: sa.Connection) -> None:
    """Bring the schema to the newest revision; a store that is there already stays as it is."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
