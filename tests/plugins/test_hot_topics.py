"""The listing of hot topics: which questions count, and what is said of a topic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kefu.config import load_settings
from kefu.host import Host
from kefu.run.collect import Request
from kefu.run.engine import open_engine
from kefu.run.listing import Lister, check_listings, find_listing

ASKING = "怎么修改收货地址", "我想修改收货地址", "收货地址怎么修改啊", "修改收货地址在哪里", "收货地址写错了怎么修改"


def messages(count: int, recognised: str, agent: str = "") -> list[str]:
    """Write sessions in which a customer asks and the bot answers, and an agent if there is one."""
    rows = []
    for number in range(count):
        at = f"2025-06-{2 + number % 2:02} 10:{number:02}"
        rows.append(f"q{number:02},{at}:00,customer,{ASKING[number % len(ASKING)]},,")
        rows.append(f"q{number:02},{at}:05,bot,抱歉，没有听懂,{recognised},")
        if agent:
            rows.append(f"q{number:02},{at}:30,agent,您好，我来帮您修改,,{agent}")
    return rows


def listed(folder: Path, rows: list[str], **settings: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    header = "session_id,sent_at,role,text,recognised,sender_id"
    (folder / "messages.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    (folder / "hotspots.csv").write_text("hotspot_id,title\nh1,怎么修改收货地址\nh2,怎么开发票\n", encoding="utf-8")
    (folder / "scratch").mkdir(exist_ok=True)
    engine = open_engine(folder, folder / "scratch", load_settings(**settings), Host(outsiders=False))
    engine.offer_listings()
    check_listings(engine)
    return Lister(engine, *find_listing(engine, "topics")).listed(Request()).rows.to_dicts()


def test_a_question_that_was_not_understood_is_a_topic_with_its_trend(tmp_path: Path) -> None:
    topic, *rest = listed(tmp_path, messages(10, "false", agent="a1"))
    assert rest == []
    assert (topic["asked"], topic["unrecognised"], topic["with_person"], topic["person_share"]) == (10, 10, 10, 100)
    assert topic["trend"] == [5, 5]
    assert topic["hotspot_id"] == "h1"
    assert topic["questions"] == len(ASKING)
    assert set(topic["typical"]) <= set(ASKING)


@pytest.mark.parametrize("recognised", ["true", ""])
def test_what_was_understood_or_is_not_known_is_no_topic(tmp_path: Path, recognised: str) -> None:
    assert listed(tmp_path, messages(10, recognised)) == []


def test_what_belongs_to_no_topic_is_the_last_row(tmp_path: Path) -> None:
    lonely = ["z1,2025-06-02 11:00:00,customer,孔雀开屏要几分钟,,", "z1,2025-06-02 11:00:05,bot,没有听懂,false,"]
    *topics, other = listed(tmp_path, messages(10, "false") + lonely)
    assert len(topics) == 1
    assert (other["topic"], other["asked"], other["trend"], other["typical"]) == ("other", 1, [1, 0], None)


def test_the_first_question_of_a_session_that_stayed_unsolved_counts(tmp_path: Path) -> None:
    (tmp_path / "sessions.csv").write_text(
        "session_id,resolved\n" + "".join(f"q{number:02},{str(number < 4).lower()}\n" for number in range(10)),
        encoding="utf-8",
    )
    (topic,) = listed(tmp_path, messages(10, "true"))
    assert (topic["asked"], topic["unsolved"], topic["unrecognised"]) == (6, 6, 0)


def test_a_question_asked_twice_in_a_session_counts_once(tmp_path: Path) -> None:
    rows = messages(6, "false")
    again = [row.replace(":00,customer", ":10,customer").replace(":05,bot", ":15,bot") for row in rows]
    (topic,) = listed(tmp_path, rows + again)
    assert topic["asked"] == 6


def test_settings_reach_the_grouping(tmp_path: Path) -> None:
    (other,) = listed(tmp_path, messages(10, "false"), plugin={"hot_topics": {"least_count": 11}})
    assert (other["topic"], other["asked"]) == ("other", 10)


def test_an_unknown_setting_fails_the_plugin(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no listing 'topics'"):
        listed(tmp_path, messages(10, "false"), plugin={"hot_topics": {"size": 3}})


def test_an_empty_input_has_an_empty_listing(tmp_path: Path) -> None:
    assert listed(tmp_path, ["s1,2025-06-02 10:00:00,agent,您好,,a1"]) == []


def test_the_rows_are_those_of_the_columns(tmp_path: Path) -> None:
    rows = pl.DataFrame(listed(tmp_path, messages(10, "false")))
    assert rows.columns[:4] == ["topic", "label", "asked", "trend"]
