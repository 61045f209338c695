"""What the store raises for people to read; a password never stands in a message."""

from __future__ import annotations

from kefu.errors import KefuError


class StoreError(KefuError):
    """A store that cannot be opened, read or written; it is as it was before."""


class StoreLost(StoreError):  # noqa: N818
    """A server that is gone, or that gave up a transaction: it may do what is asked a little later."""


class StoreOutdated(StoreError):  # noqa: N818 - it says what the store is
    """A store that an older kefu wrote."""


class StoreTooNew(StoreError):  # noqa: N818
    """A store that a newer kefu wrote; nothing in it was touched."""


class StoreBusy(StoreError):  # noqa: N818
    """A store that another run is at work on."""
