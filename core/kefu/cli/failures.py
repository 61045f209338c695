"""What failed, said on stderr where the output has no place for it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from kefu.read import Table
from kefu.run.outcome import Failure
from kefu.show.safe import safe


def say_failures(failures: Iterable[Failure], tables: Mapping[str, Table]) -> bool:
    """Name each plugin and each file that failed; return whether there was any."""
    said = [f"plugin {failure.plugin} {failure.version}: {failure.error}" for failure in failures]
    files = [file for table in tables.values() for file in table.report]
    said += [f"file {file.file}: {file.failed}" for file in files if file.failed is not None]
    for text in said:
        print(f"kefu: {safe(text)}", file=sys.stderr)  # noqa: T201
    return bool(said)
