"""Who stays forgotten: of each id a keyed hash is kept, and what comes in later is held against it.

The key is random and stands beside the hashes: nobody reads an id from them, but who has the store and suspects an id
can try it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import polars as pl
import sqlalchemy as sa

from kefu.store.schema import forgotten

KEYS = ("session_id", "customer_id")
"""What is forgotten: the columns that tell whose a row is."""
FACTS = "fact:"
"""How the names of the frames begin whose ``id`` is that of a session."""
KEY_BYTES = 32
_TOKENS = (
    r"""[^\t\r\n,;|"{}\[\]]+""",
    r"""[^\s,;|"'{}\[\]()<>=:]+""",
    r"[0-9A-Za-z_]+",
    r"[0-9A-Za-z_][0-9A-Za-z_.@+-]*[0-9A-Za-z_]",
)
"""What may be an id in a line that could not be read: a field, a word, and what stands between signs."""


def told(name: str, columns: Iterable[str]) -> dict[str, str]:
    """Return the columns of a frame that tell sessions or customers, each with what it tells."""
    there = {*columns}
    found = {key: key for key in KEYS if key in there}
    return found | ({"id": "session_id"} if name.startswith(FACTS) and "id" in there else {})


def without(name: str, frame: pl.DataFrame, gone: Mapping[str, Collection[str]]) -> pl.DataFrame:
    """Return a frame without the rows of some sessions and customers.

    :param gone: ids by the key that they are of.
    """
    columns = told(name, frame.columns)
    if not columns:
        return frame
    theirs = pl.any_horizontal(
        pl.col(column).cast(pl.String).is_in([*gone[key]]).fill_null(False) for column, key in columns.items()
    )
    return frame.filter(~theirs)


@dataclass(slots=True)
class Forgotten:
    """Knows who was forgotten when it is told an id; false where nobody was."""

    key: bytes
    digests: set[str]

    @classmethod
    def of(cls, connection: sa.Connection) -> Forgotten:
        """Return those whom a store has forgotten."""
        rows = connection.execute(sa.select(forgotten.c.digest, forgotten.c.key)).all()
        return cls(rows[0].key if rows else secrets.token_bytes(KEY_BYTES), {row.digest for row in rows})

    def __bool__(self) -> bool:
        """Say whether anybody was forgotten."""
        return bool(self.digests)

    def add(self, connection: sa.Connection, key: str, ids: Iterable[str]) -> None:
        """Keep it in mind that the sessions or customers with some ids are forgotten."""
        new = sorted({self._digest(key, one) for one in ids} - self.digests)
        if new:
            connection.execute(sa.insert(forgotten), [{"digest": digest, "key": self.key} for digest in new])
            self.digests.update(new)

    def among(self, key: str, ids: pl.Series) -> set[str]:
        """Return those of some ids that are forgotten."""
        if not self.digests:
            return set()
        return {one for one in ids.cast(pl.String).drop_nulls().unique() if self._digest(key, one) in self.digests}

    def in_frames(self, frames: Mapping[str, pl.DataFrame]) -> dict[str, set[str]]:
        """Return who is forgotten of those whom frames tell of, the sessions of forgotten customers among them."""
        gone: dict[str, set[str]] = {key: set() for key in KEYS}
        for name, frame in frames.items():
            columns = {key: column for column, key in told(name, frame.columns).items()}
            for key, column in columns.items():
                gone[key] |= self.among(key, frame[column])
            if {*KEYS} <= columns.keys():
                theirs = pl.col(columns["customer_id"]).cast(pl.String).is_in([*gone["customer_id"]])
                gone["session_id"] |= {*frame.filter(theirs)[columns["session_id"]].cast(pl.String).drop_nulls()}
        return gone

    def not_told(self, rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
        """Return the rows in whose texts no forgotten id stands."""
        text = pl.concat_str([pl.col(name).cast(pl.String) for name in columns], separator="\n", ignore_nulls=True)
        texts = rows.select(text.alias("text")).with_row_index("row")
        found = pl.concat(
            texts.select("row", token=pl.col("text").str.extract_all(pattern)).explode("token", empty_as_null=False)
            for pattern in _TOKENS
        ).with_columns(pl.col("token").str.strip_chars())
        gone = set[str]().union(*(self.among(key, found["token"]) for key in KEYS))
        return rows.filter(~texts["row"].is_in(found.filter(pl.col("token").is_in([*gone]))["row"].unique().implode()))

    def _digest(self, key: str, one: str) -> str:
        return blake2b(f"{key}\0{one}".encode(errors="surrogatepass"), key=self.key, digest_size=32).hexdigest()
