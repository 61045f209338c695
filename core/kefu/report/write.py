"""Write a report: whole, or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

from kefu.errors import ConfigError


def write_report(html: str, out: Path | None) -> None:
    """Write a report to a file, in the place of what was there; to stdout without one.

    :raises ConfigError: it cannot be written there.
    """
    if out is None:
        sys.stdout.buffer.write(html.encode())
        sys.stdout.flush()
        return
    try:
        with NamedTemporaryFile("wb", dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            file.write(html.encode())
            file.flush()
            os.fsync(file.fileno())
        _put(Path(file.name), out)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror or error}: give another path to --out") from error


def _put(made: Path, out: Path) -> None:
    """Put a file in its place, with the rights that a new file has here."""
    try:
        mask = os.umask(0)
        os.umask(mask)
        made.chmod(0o666 & ~mask)
        made.replace(out)
    except OSError:
        made.unlink(missing_ok=True)
        raise
