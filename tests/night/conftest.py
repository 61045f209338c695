"""A store of each kind for each night."""

from __future__ import annotations

from stores import postgres_url, sqlite_store, sqlite_url, store, store_url

__all__ = ["postgres_url", "sqlite_store", "sqlite_url", "store", "store_url"]
