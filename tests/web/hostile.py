"""Two hundred texts that try to run something where a page shows them, and data that is made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RUN = "window.kefuRan=1"
WAYS = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<iframe srcdoc='<script>parent.{RUN[7:]}</script>'></iframe>",
    f"<a href=javascript:{RUN}>x</a>",
    f"<input autofocus onfocus={RUN}>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"<video><source onerror={RUN}></video>",
    f"<object data='data:text/html,<script>{RUN}</script>'></object>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<form action=javascript:{RUN}><button autofocus>x</button></form>",
    f"<style>@import 'javascript:{RUN}'</style>",
    f"<link rel=stylesheet href=javascript:{RUN}>",
    f"<base href=javascript:{RUN}//>",
    f"<template><script>{RUN}</script></template>",
    f"<noscript><img src=x onerror={RUN}></noscript>",
    f"{{{{ ''.__class__.__mro__ }}}}{{% for x in [1] %}}<b onclick={RUN}>{{% endfor %}}",
)
AROUND = (
    "{}",
    '">{}',
    "'>{}",
    "</textarea>{}",
    "</title></svg></select></table>{}",
    "--><!-- {} -->",
    '" autofocus onfocus="{}" x="',
    "\u202e{}\u2066",
    "\x1b]0;{}\x07\n\r\x00\x85\u2028",
    "&lt;{}&#x3c;script&#62;\ud83d\udc4d",
)
TEXTS = [
    f"{number} {around.format(way)}".encode("utf-16", "surrogatepass").decode("utf-16")
    for number, (way, around) in enumerate((way, around) for way in WAYS for around in AROUND)
]
"""Each begins with its number, so that no two are equal."""


def rows(table: str) -> Iterator[dict[str, Any]]:
    """Return the rows of a table: each text in each field that is a text."""
    for number, text in enumerate(TEXTS):
        at = f"2025-06-{2 + number % 7:02} 10:{number % 60:02}"
        session = {"session_id": f"{text}s"}
        match table:
            case "messages":
                asked = {"role": "customer", "text": f"{text}我要曝光你们", "sender_id": text}
                yield {**session, "sent_at": f"{at}:00", **asked, "message_id": f"{text}1"}
                bot = {"role": "bot", "text": f"{text}不明白", "recognised": number % 2 == 0, "hotspot_id": text}
                yield {**session, "sent_at": f"{at}:02", **bot, "message_id": f"{text}2"}
                yield {**session, "sent_at": f"{at}:05", **asked, "message_id": f"{text}3"}
                told = {"role": "agent", "text": f"{text}滚蛋", "sender_id": text, "script_id": text}
                yield {**session, "sent_at": f"{at}:09", **told, "message_id": f"{text}4"}
            case "sessions":
                names = ("conversation_id", "customer_id", "channel", "queue", "scene", "topic")
                yield {**session, **dict.fromkeys(names, text), "closed_by": "agent"}
            case "agents":
                yield {"agent_id": text, "name": text, "team": text, "level": "new"}
            case "hotspots":
                yield {"hotspot_id": text, "title": text, "answer": f"{text}\n{text}", "flagged_at": "2025-06-01"}
            case "alerts":
                yield {**session, "raised_at": f"{at}:40", "alert_id": text}


def write_hostile(folder: Path) -> None:
    """Write all tables to a folder."""
    for table in ("messages", "sessions", "agents", "hotspots", "alerts"):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows(table)]
        (folder / f"{table}.ndjson").write_text("\n".join(lines), encoding="utf-8")
