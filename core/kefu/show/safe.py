"""Customer text is data: whatever it holds, a terminal shows it and obeys none of it."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_PICTURES, _C0_END, _LF, _CR = 0x2400, 0x20, 0x0A, 0x0D


def safe(text: str) -> str:
    r"""Return a text with control, direction and invisible characters made visible.

    >>> safe("a\x1b[31mb")
    'a␛[31mb'
    """
    return _CONTROL.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code in (_LF, _CR):
        return "⏎" if code == _LF else ""
    return chr(_PICTURES + code) if code < _C0_END else f"⟨U+{code:04X}⟩"
