"""What a store needs over the years: upgrades, backups, and a look at its health."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from kefu.errors import ConfigError
from kefu.metric import Title
from kefu.store import schema, sqlite
from kefu.store.errors import StoreError, StoreTooNew
from kefu.store.frames import is_whole
from kefu.store.migrate import migrate
from kefu.store.opening import Store, unchecked

NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs", "fuse.sshfs"}
LITTLE_SPACE = 1 << 30


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did: from and to a revision, equal where there was nothing to do.

    :param backup: the copy that was made first; ``None`` for PostgreSQL, and where there was nothing to do.
    """

    before: str
    after: str
    backup: Path | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and what is wrong with it, if anything."""

    name: str
    level: Literal["ok", "warn", "error"]
    message: Title


def upgrade(place: str | Path) -> Upgrade:
    """Bring a store to the revision of this kefu in one transaction; SQLite is copied first.

    :raises StoreTooNew: a newer kefu wrote it.
    :raises StoreBusy: a run is at work on it.
    """
    with unchecked(place) as store, store.lock(0):
        before, after = store.revision(), schema.REVISIONS[-1]
        if before is None:
            raise StoreError(f"there is no store at {store.name}: kefu run makes one")
        if before not in schema.REVISIONS:
            raise StoreTooNew(f"a newer kefu wrote the store {store.name} (revision {before}): install that one")
        if before == after:
            return Upgrade(before, after, None)
        copy = None if store.path is None else backup(store, _free(store.path, before))
        with store.writing() as connection:
            migrate(connection)
        return Upgrade(before, after, copy)


def backup(store: Store, target: Path) -> Path:
    """Copy a store to a new file as of one moment, also during a run, and return the file.

    :raises ConfigError: the file exists, or the store is no SQLite.
    :raises StoreError: the file cannot be written, or the store is damaged.
    """
    if store.path is None:
        raise ConfigError(f"the store {store.name} is PostgreSQL: run pg_dump --format=custom --file={target}")
    target = target.expanduser().resolve()
    if target.exists():
        raise ConfigError(f"{target} exists: name a new file for the backup")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        _copy(store, part)
        _sync(part)
        part.rename(target)
        _sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the backup {target} cannot be written ({error}): make room, or name another") from None
    finally:
        part.unlink(missing_ok=True)
    return target


def examine(store: Store) -> list[Finding]:
    """Return what ``kefu doctor`` says of a store, good and bad."""
    found = [_frames(store)]
    revision = store.revision()
    known = revision == schema.REVISIONS[-1]
    newest = schema.REVISIONS[-1]
    message = Title(zh=f"{revision}，本版 kefu 为 {newest}", en=f"{revision}, this kefu has {newest}")
    found.append(Finding("revision", "ok" if known else "error", message))
    if store.path is not None:
        found += [*_file(store, store.path)]
    return sorted(found, key=lambda one: one.name)


def _copy(store: Store, part: Path) -> None:
    """Copy all pages under one read lock, and see that the copy is whole."""
    with closing(sqlite3.connect(part)) as copy:
        with store.bare() as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)  # noqa: S101 - a store with a path
            source.backup(copy)
        said = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            raise StoreError(f"the store {store.name} is damaged ({said}): put a backup in its place")


def _sync(path: Path) -> None:
    """See that a file or a folder is on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _free(path: Path, revision: str) -> Path:
    """Return a name for the copy of a store that no file has."""
    names = (path.with_name(f"{path.name}.{revision}{end}.backup") for end in ("", *(f".{n}" for n in range(2, 1000))))
    return next(name for name in names if not name.exists())


def _frames(store: Store) -> Finding:
    with store.reading() as connection:
        contents = connection.execution_options(stream_results=True, max_row_buffer=100).scalars(
            sa.select(schema.frames.c.content)
        )
        whole = [is_whole(content) for content in contents]
    count, damaged = len(whole), whole.count(False)
    if not damaged:
        return Finding("frames", "ok", Title(zh=f"{count} 个，均完好", en=f"{count} whole"))
    message = Title(
        zh=f"{count} 个中有 {damaged} 个损坏：请换上备份",
        en=f"{damaged} of {count} damaged: put a backup in its place",
    )
    return Finding("frames", "error", message)


def _file(store: Store, path: Path) -> Iterator[Finding]:
    with store.bare() as connection:
        said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(5)")]
        used = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
    whole = Title(zh="完好", en="whole")
    damaged = Title(zh=f"{said[0]}：请换上备份", en=f"{said[0]}: put a backup in its place")
    yield Finding("integrity", "ok", whole) if said == ["ok"] else Finding("integrity", "error", damaged)
    yield _journal(used)
    yield _folder(_file_system(path))
    free, needed = shutil.disk_usage(path.parent).free, max(LITTLE_SPACE, 2 * path.stat().st_size)
    space = Title(
        zh=f"空闲 {free >> 20} MiB，应有 {needed >> 20} MiB",
        en=f"{free >> 20} MiB free, {needed >> 20} MiB wanted",
    )
    yield Finding("space", "ok" if free >= needed else "warn", space)


def _journal(used: str) -> Finding:
    version, right = sqlite3.sqlite_version, sqlite.journal()
    if used == right:
        return Finding("sqlite", "ok", Title(zh=f"{version}，日志方式 {used}", en=f"{version}, journal {used}"))
    message = Title(
        zh=f"{version}，日志方式 {used}：应为 {right}，没有其他程序打开存储时会自动改好",
        en=f"{version}, journal {used}: {right} is right; it is set when nobody else has the store open",
    )
    return Finding("sqlite", "warn", message)


def _folder(kind: str | None) -> Finding:
    if kind not in NETWORK:
        return Finding("folder", "ok", Title(zh=kind or "本地", en=kind or "local"))
    message = Title(
        zh=f"在网络文件系统（{kind}）上，锁可能失效：请用本地文件夹或 PostgreSQL",
        en=f"on a network ({kind}), where locks may fail: use a local folder or PostgreSQL",
    )
    return Finding("folder", "warn", message)


def _file_system(path: Path) -> str | None:
    """Return the kind of file system of a path, or ``None`` where the system does not tell it as Linux does."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return None
    lines = [line.split(" ") for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    places = {Path(line[1].replace("\\040", " ")): line[2] for line in lines}
    return next((places[place] for place in (path, *path.parents) if place in places), None)
