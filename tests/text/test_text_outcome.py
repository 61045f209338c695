"""What texts say of the outcome, and what sessions come to: the rules one by one."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kefu.errors import ConfigError
from kefu.text.cues import CueList, clauses
from kefu.text.outcome import OUTCOME, OutcomeReader
from kefu.text.remarks import Remark, Reply
from kefu.text.repeats import asked_again

ROLES = {"c": "customer", "b": "bot", "a": "agent"}
QUESTION, ANSWER = "c 运费谁出", "a 质量问题我们出"


def table(*sessions: tuple[str, ...]) -> pl.DataFrame:
    """Lay sessions out as messages; a line is a role's first letter and a text."""
    rows = [(number, ROLES[line[0]], line[2:]) for number, lines in enumerate(sessions) for line in lines]
    frame = pl.DataFrame(rows, {"session": pl.UInt32(), "role": pl.String(), "text": pl.String()}, orient="row")
    customer = pl.col("role") == "customer"
    remarks, replies = OutcomeReader.remarks(frame["text"]), OutcomeReader.replies(frame["text"])
    return frame.with_columns(
        outcome_remark=pl.when(customer).then(remarks).otherwise(0),
        outcome_reply=pl.when(customer).then(0).otherwise(replies),
    )


def outcome(*lines: str) -> tuple[str, str] | None:
    """Return what is inferred of one session, and why."""
    found = OutcomeReader.infer(table(lines)).select("inferred_outcome", "inferred_why").rows()
    return found[0] if found else None


def remark(text: str) -> Remark:
    return Remark(OutcomeReader.remarks(pl.Series([text]))[0])


def test_thanks_after_the_answer_are_solved_and_a_courtesy_afterwards_changes_nothing() -> None:
    assert outcome(QUESTION, ANSWER, "c 好的谢谢") == ("solved", "thanks")
    assert outcome(QUESTION, ANSWER, "c 好的谢谢", "a 不客气，祝您生活愉快") == ("solved", "thanks")


@pytest.mark.parametrize("last", ["好的", "嗯", "哦", "知道了", "👌", "那好吧", "算了", "那等吧", "我回去试试", "ok"])
def test_taking_note_resigning_and_putting_off_decide_nothing(last: str) -> None:
    assert outcome(QUESTION, ANSWER, f"c {last}") is None


def test_silence_decides_nothing() -> None:
    assert outcome(QUESTION, ANSWER) is None
    assert outcome(QUESTION, ANSWER, "a 请问还有其他可以帮您的吗", "a 感谢来电，再见") is None


def test_nothing_else_counts_only_where_it_was_asked() -> None:
    asked = "a 请问还有其他可以帮您的吗"
    assert outcome(QUESTION, ANSWER, asked, "c 没有了，谢谢") == ("solved", "no_more")
    assert outcome(QUESTION, ANSWER, asked, "c 没") == ("solved", "no_more")
    assert outcome("c 密码忘了", "a 您设置过密保吗", "c 没有") is None
    assert outcome(QUESTION, ANSWER, "b 以上回答解决了您的问题吗", "c 没有") == ("unsolved", "no_use")


@pytest.mark.parametrize("last", ["好了吗", "可以了吗", "现在收到了吗？", "弄好了没"])
def test_a_question_is_no_cue(last: str) -> None:
    assert outcome(QUESTION, ANSWER, f"c {last}") is None


@pytest.mark.parametrize("said", ["优惠券没用过", "拆封没用，能退吗", "我还没用呢"])
def test_not_used_is_not_of_no_use(said: str) -> None:
    assert outcome(QUESTION, ANSWER, f"c {said}") is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("一点用没有", "no_use"),
        ("没用啊", "no_use"),
        ("还是不行", "still"),
        ("好了没五分钟又断了", "still"),
        ("我问的是运费", "asked_again"),
        ("你们这不是骗人吗", "complaint"),
        ("谢谢啊，等了三天", "still"),
        ("Thanks for nothing", "complaint"),
    ],
)
def test_what_failed_is_unsolved(said: str, why: str) -> None:
    assert outcome(QUESTION, ANSWER, f"c {said}") == ("unsolved", why)


def test_the_last_decisive_word_counts() -> None:
    broken, advice = "c 页面打不开", "a 请清一下缓存"
    assert outcome(broken, advice, "c 还是不行", "a 换一个浏览器", "c 好了") == ("solved", "works")
    assert outcome(broken, advice, "c 谢谢", "c 不对，还是打不开") == ("unsolved", "still")
    assert outcome(broken, advice, "c 一开始不行，换个浏览器就好了") == ("solved", "works")


def test_a_new_question_takes_solved_back() -> None:
    assert outcome(QUESTION, ANSWER, "c 谢谢", "c 对了发票怎么开") is None


def test_thanks_in_advance_and_for_a_promise_decide_nothing() -> None:
    assert outcome("c 帮我查一下快递，谢谢", "a 好的") is None
    assert outcome("c 快递没到", "a 我联系快递核实一下，稍后回复您", "c 好的谢谢") is None
    assert outcome("c 快递没到", "a 好的", "c 谢谢", "a 我查一下，稍后回复您") is None


def test_a_person_asked_for_counts_after_an_answer_until_one_has_answered() -> None:
    assert outcome(QUESTION, "b 请看运费说明", "c 转人工") == ("unsolved", "asked_person")
    assert outcome("c 转人工", "b 正在为您转接", "c 人工") is None
    assert outcome(QUESTION, "b 请看运费说明", "c 转人工", "a 您好，质量问题运费我们出") is None


def test_trouble_that_is_told_when_asked_for_is_no_failure() -> None:
    assert outcome("c 手机坏了", "a 请问是什么问题", "c 打不开，按了没反应") is None


def test_sessions_are_told_apart_and_the_deciding_message_is_named() -> None:
    found = OutcomeReader.infer(table((QUESTION, ANSWER), (QUESTION, ANSWER, "c 好的谢谢"), ("c 谢谢",)))
    assert found.rows() == [(1, "solved", "thanks", 2)]


def test_no_messages_give_no_rows_of_the_same_columns() -> None:
    found = OutcomeReader.infer(table())
    assert found.is_empty()
    assert found.schema == pl.Schema({"session": pl.UInt32(), **OUTCOME})


def test_texts_are_read_in_any_width_case_and_script() -> None:
    assert remark("謝謝") == remark("ＴＨＡＮＫＳ") == Remark.THANKS
    assert OutcomeReader.remarks(pl.Series([None, "", "谢谢"], dtype=pl.String)).to_list()[:2] == [1, 1]


def test_replies_that_are_no_answers_are_told() -> None:
    texts = ["您好，很高兴为您服务", "请稍等，我查一下", "还有什么可以帮您的吗", "抱歉，我没听懂", "两天到账"]
    kinds = [Reply.GREETING, Reply.WAIT, Reply.ANYTHING_ELSE, Reply.LOST, Reply.ANSWER]
    assert OutcomeReader.replies(pl.Series(texts)).to_list() == kinds


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("退款几天到账", "退款几天能到账？", True),
        ("几点开门", "你们几点开门", True),
        ("订单8812到哪了", "订单9977到哪了", False),
        ("大人票多少钱", "小孩要买票吗", False),
        ("开锁", "开锁", False),
    ],
)
def test_a_question_is_known_again(first: str, second: str, *, same: bool) -> None:
    assert asked_again(pl.Series([first]), pl.Series([second])).tolist() == [same]


def test_a_clause_keeps_its_place_and_its_question_mark() -> None:
    assert clauses(pl.Series(["好的，谢谢", None, "还有吗？ok"])).select("text", "clause").rows() == [
        (0, "好的"),
        (0, "谢谢"),
        (2, "还有吗?"),
        (2, "ok"),
    ]


def test_a_line_above_the_sections_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text("# comment\n谢谢\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"odd\.txt, line 2: '谢谢' stands above the sections"):
        CueList.read(path)


def test_a_gap_and_a_number_stand_for_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "waits.txt"
    path.write_text("[cue]\n等了#天\n退…了$\n[except]\n没\n", encoding="utf-8")
    said = pl.Series("clause", ["等了十二天", "等了天", "退到卡里了啊", "退了没", "没等了3天"])
    assert CueList.read(path).said(said).to_list() == [
        True,
        False,
        True,
        False,
        False,
    ]
