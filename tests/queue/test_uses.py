"""The listing ``hotspots``: what customers asked before a prepared answer, and what they did next, by session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kefu.config import load_settings
from kefu.host import Host
from kefu.run.collect import Request
from kefu.run.engine import open_engine
from kefu.run.listing import Lister, check_listings, find_listing

Said = tuple[str, str, str]
SESSIONS: dict[str, list[Said]] = {
    "s01": [("customer", "怎么退货", ""), ("bot", "点我的订单", "h1"), ("customer", "谢谢", "")],
    "s02": [("customer", "怎么退货", ""), ("bot", "点我的订单", "h1")],
    "s03": [
        ("customer", "怎么退货", ""),
        ("bot", "点我的订单", "h1"),
        ("customer", "运费多少钱", ""),
        ("bot", "十元", "h2"),
    ],
    "s04": [("customer", "退货怎么弄", ""), ("bot", "点我的订单", "h1"), ("customer", "转人工", "")],
    "s05": [("customer", "怎么退货", ""), ("bot", "点我的订单", "h1"), ("agent", "您好，我来帮您", "")],
    "s06": [("customer", "怎么退货", ""), ("bot", "点我的订单", "h1"), ("customer", "还是不行", "")],
    "s07": [
        ("customer", "怎么退货", ""),
        ("bot", "点我的订单", "h1"),
        ("customer", "没用", ""),
        ("bot", "点我的订单", "h1"),
        ("customer", "谢谢", ""),
    ],
    "s08": [("bot", "您好，需要退货吗", "h1")],
    "s09": [("customer", "怎么退货", ""), ("bot", "点我的订单", "h1"), ("system", "会话结束", "")],
    "s10": [("customer", "怎么退货", ""), ("bot", "没有听懂", ""), ("customer", "谢谢", "")],
    "s11": [("customer", "保修多久", ""), ("bot", "一年", "h3"), ("customer", "好的", "")],
}
"""Of each session who said what, and with which hotspot the bot answered."""


def listed(folder: Path) -> list[dict[str, Any]]:
    lines = ["session_id,sent_at,role,text,sender_id,hotspot_id"]
    for name, said in SESSIONS.items():
        for number, (role, text, hotspot) in enumerate(said):
            sender = "a1" if role == "agent" else ""
            lines.append(f"{name},2025-06-02 10:00:{number:02},{role},{text},{sender},{hotspot}")
    (folder / "messages.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / "hotspots.csv").write_text("hotspot_id,title\nh1,退货流程\nh2,运费说明\nh4,没人用过\n", encoding="utf-8")
    (folder / "scratch").mkdir()
    engine = open_engine(folder, folder / "scratch", load_settings(), Host(outsiders=False))
    engine.offer_listings()
    check_listings(engine)
    return Lister(engine, *find_listing(engine, "hotspots")).listed(Request()).rows.to_dicts()


def test_what_customers_did_next(tmp_path: Path) -> None:
    """Of two answers of one hotspot in a session the last counts, with its own question: s07 thanked in the end."""
    assert listed(tmp_path) == [
        {
            "hotspot_id": "h1",
            "title": "退货流程",
            "uses": 9,
            "thanks": 2,
            "left": 3,
            "went_on": 1,
            "again": 1,
            "person": 2,
            "text": "怎么退货",
            "session_id": "s01",
        },
        {
            "hotspot_id": "h2",
            "title": "运费说明",
            "uses": 1,
            "thanks": 0,
            "left": 1,
            "went_on": 0,
            "again": 0,
            "person": 0,
            "text": "运费多少钱",
            "session_id": "s03",
        },
        {
            "hotspot_id": "h3",
            "title": None,
            "uses": 1,
            "thanks": 0,
            "left": 0,
            "went_on": 1,
            "again": 0,
            "person": 0,
            "text": "保修多久",
            "session_id": "s11",
        },
    ]
