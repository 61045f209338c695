"""scripts_library.tsv with its composed scripts written anew; those written by hand stay as they are.

Each composed script is a condition, a subject and an action of one field of business, taken from
script_parts.tsv. Within a field no two scripts share more than one of the three parts, so that none is
nearly another. Run it as ``python make_scripts.py``; the same parts give the same file.
"""

import csv
import random
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
LIBRARY = HERE / "scripts_library.tsv"
BY_HAND = 370
PER_FIELD = 63
SEED = 20
FORMS = (
    "{condition}，{subject}{action}。",
    "您好，{condition}，{subject}{action}",
    "{subject}{action}，{condition}也是这样。",
    "关于{subject}：{condition}，{action}。",
    "亲，{condition}，{subject}{action}哦",
    "帮您确认过了，{condition}，{subject}{action}。",
)


def parts_by_field(path: Path) -> dict[str, dict[str, list[str]]]:
    """Texts of each part of each field, in the order of the file."""
    fields: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        for row in rows:
            fields[row["field"]][row["part"]].append(row["text"])
    return fields


def compose(parts: dict[str, list[str]], count: int, rng: random.Random) -> list[str]:
    """``count`` scripts of one field, any two of which share at most one part.

    In a Latin square of prime side each row, column and value meets each other one once.
    """
    subjects, actions, conditions = (
        rng.sample(parts[part], len(parts[part])) for part in ("subject", "action", "condition")
    )
    side = 11
    cells = [
        (subject, action, (subject + action) % side)
        for subject in range(len(subjects))
        for action in range(len(actions))
        if (subject + action) % side < len(conditions)
    ]
    return [
        rng.choice(FORMS).format(condition=conditions[third], subject=subjects[first], action=actions[second])
        for first, second, third in rng.sample(cells, count)
    ]


def main() -> None:
    """Write the library: its comments, its header, the scripts by hand, the composed ones."""
    head = [line for line in LIBRARY.read_text(encoding="utf-8").splitlines() if line][: BY_HAND + 2]
    rng = random.Random(SEED)
    composed = [
        text
        for _, parts in sorted(parts_by_field(HERE / "script_parts.tsv").items())
        for text in compose(parts, PER_FIELD, rng)
    ]
    rows = [f"S{number:04d}\t{text}" for number, text in enumerate(composed, BY_HAND + 1)]
    LIBRARY.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
