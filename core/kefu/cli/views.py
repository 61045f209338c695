"""The store as a command reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kefu.config import Settings
    from kefu.night.view import StoreView


@contextmanager
def opened_view(settings: Settings) -> Iterator[StoreView]:
    """Open the store of the settings, which has to be there, and give a view of it."""
    from kefu.host import Host
    from kefu.night.view import StoreView
    from kefu.store import open_store

    with TemporaryDirectory(prefix="kefu-") as scratch, open_store(settings.store, create=False) as kept:
        yield StoreView(kept, settings, Host(settings.plugins_dir), Path(scratch))
