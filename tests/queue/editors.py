"""Some editors, as a program: ``python editors.py URL ITEM VERSION NAME …``: each claims an item when told to."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from kefu.queue.items import Conflict
from kefu.queue.record import Queue
from kefu.store import open_store


def main(url: str, item_id: str, version: str, *names: str) -> None:
    """Claim an item as of a version; say whether it was taken, and who was first if it was not."""
    barrier = Barrier(len(names))

    def claim(name: str) -> str:
        with open_store(url, create=False) as store:
            barrier.wait()
            try:
                return f"claimed {name} {Queue(store).claim(int(item_id), int(version), name).version}"
            except Conflict as conflict:
                return f"conflict {conflict.latest.who} {conflict.latest.step} {conflict.item.version}"

    print("ready", flush=True)  # noqa: T201 - the parent waits for it
    sys.stdin.readline()
    with ThreadPoolExecutor(len(names)) as pool:
        print("\n".join(pool.map(claim, names)))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
