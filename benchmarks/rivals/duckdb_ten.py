"""The ten headline metrics by one DuckDB script (``duckdb_ten.sql``), as JSON.

    python benchmarks/rivals/duckdb_ten.py DATA --words WORDS.txt --opinion OPINION.txt

DATA is a folder as ``generate.py big`` writes it. The SQL holds the facts and the metrics; only the search for
thousands of sensitive words is a function of Python's, given whole columns by DuckDB (an Arrow UDF).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType
from matching import Words, read_list

SCRIPT = Path(__file__).with_suffix(".sql")


def hits_function(words: Words) -> Callable[[pa.ChunkedArray], pa.Array]:
    """Return a function from a column of texts to the number of sensitive words in each."""

    def sensitive_hits(texts: pa.ChunkedArray) -> pa.Array:
        return pa.array(words.count(texts), pa.int64())

    return sensitive_hits


def ten(data: Path, words: list[str], opinion: list[str]) -> dict[str, float | None]:
    """Run the script and return its one row."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    con.create_function("sensitive_hits", hits_function(Words(words)), ["VARCHAR"], "BIGINT", type=PythonUDFType.ARROW)
    features = " OR ".join(f"contains(text, '{feature}')" for feature in opinion)
    sql = SCRIPT.read_text(encoding="utf-8")
    sql = sql.replace("{data}", data.as_posix()).replace("{opinion}", f"({features})")
    result = con.execute(sql)
    names = [column[0] for column in result.description]
    return dict(zip(names, result.fetchall()[0], strict=True))


def main() -> None:
    """Read the arguments and print the metrics."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--opinion", type=Path, required=True)
    args = parser.parse_args()
    print(json.dumps(ten(args.data, read_list(args.words), read_list(args.opinion)), indent=1))


if __name__ == "__main__":
    main()
