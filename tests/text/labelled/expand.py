"""Lines with groups of alternatives, `{a|b|c}`, written out as the messages they stand for."""

import re
from itertools import product, zip_longest
from pathlib import Path

_GROUP = re.compile(r"\{([^{}]*)\}")


def expand(line: str) -> list[str]:
    """All messages the line stands for; the last group changes fastest."""
    # With one capturing group, split() puts plain text at even places and the insides of groups at odd ones.
    parts = _GROUP.split(line)
    choices = [part.split("|") if place % 2 else [part] for place, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]


def ordinary(path: Path, most: int) -> list[str]:
    """At most `most` distinct messages of the file, one of each line in turn, in the order of the lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    columns = [expand(line) for line in lines if line and not line.startswith("#")]
    rounds = zip_longest(*columns)
    # A dict keeps the first place of a message that more than one line stands for.
    distinct = dict.fromkeys(text for taken in rounds for text in taken if text is not None)
    return list(distinct)[:most]
