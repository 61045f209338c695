"""Tables from files: found, read, checked, in parts.

``open_tables`` is the door. What it promises: rows read = loaded + duplicates + rejected, for every file; a row
that is wrong is kept with its file, number and reason; a file that is wrong costs that file.
"""

from kefu.read.open import open_tables
from kefu.read.options import Limits, ReadOptions
from kefu.read.table import FileReport, Loaded, Part, Table
from kefu.read.values import canonical

__all__ = ["FileReport", "Limits", "Loaded", "Part", "ReadOptions", "Table", "canonical", "open_tables"]
