"""The store: what the nights found, kept for years, in SQLite or PostgreSQL.

``open_store`` is the door; ``days``, ``runs``, ``erase`` and ``housekeeping`` take what it opens. Importing this
package imports no database: that happens when a store is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kefu.store.errors import StoreBusy, StoreError, StoreOutdated, StoreTooNew

if TYPE_CHECKING:
    from kefu.store.opening import Store

__all__ = ["StoreBusy", "StoreError", "StoreOutdated", "StoreTooNew", "open_store"]


def open_store(place: str | Path, *, create: bool = True) -> Store:
    """Return the store at a path, a ``sqlite:///…`` or a ``postgresql://…`` URL; close it after use.

    :param create: make it where there is none.
    :raises StoreError: there is none, it is no store of kefu, or it cannot be opened.
    :raises StoreOutdated: an older kefu wrote it.
    :raises StoreTooNew: a newer kefu wrote it.
    """
    from kefu.store.opening import opened

    return opened(place, create=create)
