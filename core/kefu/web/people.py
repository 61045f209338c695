"""Who uses the pages, and what they may do: the token file, logins, and a limit on guesses."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Lock
from typing import Literal, cast, get_args

from kefu.errors import ConfigError

Role = Literal["reader", "editor"]
SHORTEST_TOKEN = 24
LONGEST_NAME = 40
LOGIN_SECONDS = 12 * 3600
MOST_LOGINS = 10_000
MINUTE = 60.0
MOST_GUESSES = 10
MOST_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the pages."""

    name: str
    role: Role

    @property
    def edits(self) -> bool:
        """Whether they may take steps."""
        return self.role == "editor"


class Tokens:
    """The tokens of a file; only their digests are kept."""

    def __init__(self, known: list[tuple[bytes, Person]]) -> None:
        """Take digests, and whose they are."""
        self._known = known

    def person(self, token: str) -> Person | None:
        """Return whose token it is; it takes as long whether it is wrong early, late or not at all."""
        told, found = _digest(token), None
        for digest, person in self._known:
            if hmac.compare_digest(digest, told):
                found = person
        return found


def read_tokens(path: Path) -> Tokens:
    """Read a token file: a name, ``reader`` or ``editor``, and a token on each line; ``#`` begins a comment.

    :raises ConfigError: it cannot be read, others can read it, or a line does not fit. No message repeats a token.
    """
    try:
        mode = path.stat().st_mode
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the token file {path} cannot be read: {type(error).__name__}") from None
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigError(f"every user of this machine can read or change the token file {path}: chmod 600 it")
    told = [
        (number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")
    ]
    known = [_line(path, number, line.split()) for number, line in told]
    if not known:
        raise ConfigError(f"the token file {path} holds no token: write a name, reader or editor, and a token")
    for what, values in (("name", [person.name for _, person in known]), ("token", [digest for digest, _ in known])):
        if len({*values}) < len(values):
            raise ConfigError(f"the token file {path} holds a {what} twice: give each person one of their own")
    return Tokens(known)


def _line(path: Path, number: int, parts: list[str]) -> tuple[bytes, Person]:
    place = f"the token file {path}, line {number}"
    if len(parts) != len(("name", "role", "token")):
        raise ConfigError(f"{place}: write a name, reader or editor, and a token, with blanks between")
    name, role, token = parts
    if role not in get_args(Role):
        raise ConfigError(f"{place}: the role is reader or editor")
    if not is_name(name):
        raise ConfigError(f"{place}: a name has at most {LONGEST_NAME} characters, all of them visible")
    if len(token) < SHORTEST_TOKEN:
        raise ConfigError(f"{place}: the token is shorter than {SHORTEST_TOKEN} characters: openssl rand -hex 20")
    return _digest(token), Person(name, cast("Role", role))


def is_name(text: str) -> bool:
    """Return whether a text can be the name of a person."""
    return 0 < len(text.strip()) <= LONGEST_NAME and text.isprintable()


class Logins:
    """Who is logged in, by an opaque key that only their browser knows; gone when the server ends."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nobody."""
        self._clock, self._lock = clock, Lock()
        self._known: dict[bytes, tuple[Person, float]] = {}

    def begin(self, person: Person) -> str:
        """Return a new key for somebody."""
        key, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._known = {one: told for one, told in self._known.items() if told[1] > now}
            while len(self._known) >= MOST_LOGINS:
                del self._known[next(iter(self._known))]
            self._known[_digest(key)] = (person, now + LOGIN_SECONDS)
        return key

    def person(self, key: str) -> Person | None:
        """Return whose key it is, while the login lasts."""
        person, until = self._known.get(_digest(key), (None, 0.0))
        return person if until > self._clock() else None

    def end(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._known.pop(_digest(key), None)


class Guesses:
    """Wrong tokens, by the address that they came from."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none."""
        self._clock, self._lock = clock, Lock()
        self._wrong: dict[str, list[float]] = {}

    def too_many(self, address: str) -> bool:
        """Return whether an address has to wait before its next token is looked at."""
        with self._lock:
            return len(self._recent(_network(address))) >= MOST_GUESSES

    def wrong(self, address: str) -> None:
        """Count a wrong token."""
        with self._lock:
            key = _network(address)
            recent = [*self._recent(key), self._clock()]
            self._wrong.pop(key, None)
            while len(self._wrong) >= MOST_ADDRESSES:
                del self._wrong[next(iter(self._wrong))]
            self._wrong[key] = recent[-MOST_GUESSES:]

    def _recent(self, key: str) -> list[float]:
        return [at for at in self._wrong.get(key, ()) if at > self._clock() - MINUTE]


def _network(address: str) -> str:
    """Return what counts as one address: of version 6 it is the network of a customer line."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network((int(found), 64), strict=False))  # noqa: PLR2004


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
