"""Stores of each kind for tests: a file, and a schema of its own on the PostgreSQL server that is named."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from kefu.store import open_store
from kefu.store.opening import Store

POSTGRES = os.environ.get("KEFU_TEST_POSTGRES")
NEEDS_POSTGRES = pytest.mark.skipif(not POSTGRES, reason="needs PostgreSQL: KEFU_TEST_POSTGRES holds no URL")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A schema of its own on the server that KEFU_TEST_POSTGRES names."""
    if not POSTGRES:
        pytest.skip("needs PostgreSQL: KEFU_TEST_POSTGRES holds no URL")
    url = sa.make_url(POSTGRES).set(drivername="postgresql+psycopg")
    schema = f"kefu_{uuid.uuid4().hex}"
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    text = url.render_as_string(hide_password=False)
    yield f"{text}{'&' if url.query else '?'}options={quote(f'-csearch_path={schema}')}"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=NEEDS_POSTGRES)])
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of a place where there is no store yet, of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A fresh store of each kind."""
    with open_store(store_url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    with open_store(sqlite_url) as opened:
        yield opened
