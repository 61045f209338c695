"""Texts that spreadsheets do not take for texts."""

from __future__ import annotations

FORMULAS = (
    *("=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1＋2", "－1", "＠x", '=HYPERLINK("http://x.example")'),
    *("=cmd|' /C calc'!A0", "http://x.example/", "mailto:x@x.example", "internal:Sheet1!A1", "external:x.xlsx"),
    *("1e5", "00123", "{=1}", '"=1', "true", "-"),
)
"""What a spreadsheet would work out, follow, or take for something else than a text."""
