"""Hot topics: what comes together, what it is called, and that neither order nor odd input matters."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from helpers import SHARED
from kefu.text.topics import MEMBERS, TOPICS, Topics, TopicSettings, group_topics

LABELLED = Path(__file__).parent / "labelled" / "topics.tsv"
BANKING = SHARED / "banking77"
ANY_SIZE = TopicSettings(least_count=1)


def asked(**counts: int) -> pl.DataFrame:
    return pl.DataFrame({"text": list(counts), "count": list(counts.values())}, schema={"text": str, "count": pl.Int64})


def equal(one: Topics, two: Topics) -> bool:
    return all(getattr(one, name).equals(getattr(two, name)) for name in ("topics", "members", "known"))


@pytest.fixture(scope="module")
def labelled() -> pl.DataFrame:
    rows = pl.read_csv(LABELLED, separator="\t")
    found = group_topics(rows.select(text="question", count=pl.lit(1)), settings=TopicSettings(least_count=3))
    return rows.join(found.members, left_on="question", right_on="text", validate="1:1").join(
        found.topics.select("topic", "label"), on="topic", how="left"
    )


def test_the_labelled_questions_are_grouped_by_intent(labelled: pl.DataFrame) -> None:
    rows = labelled.with_row_index().with_columns(ours=pl.coalesce("topic", pl.col("index").cast(pl.String)))
    assert adjusted_rand_score(rows["intent"].to_list(), rows["ours"].to_list()) >= 0.50
    assert normalized_mutual_info_score(rows["intent"].to_list(), rows["ours"].to_list()) >= 0.84


def test_most_of_a_topic_is_one_intent(labelled: pl.DataFrame) -> None:
    grouped = labelled.drop_nulls("topic").group_by("topic", "intent").len().sort("len", descending=True)
    best = grouped.group_by("topic", maintain_order=True).first()
    assert best["len"].sum() / grouped["len"].sum() >= 0.80
    largest = grouped.group_by("topic").agg(pl.col("len").max() / pl.col("len").sum(), all=pl.col("len").sum())
    assert largest.top_k(20, by="all")["len"].mean() >= 0.85


def test_questions_that_nobody_else_asks_are_mostly_other(labelled: pl.DataFrame) -> None:
    single = pl.col("intent").str.starts_with("single")
    assert labelled.filter(single)["topic"].is_null().mean() >= 0.5
    assert labelled.filter(~single)["topic"].is_null().mean() <= 0.3


def test_a_label_is_a_question_of_the_intent_that_most_of_the_topic_is(labelled: pl.DataFrame) -> None:
    intents = {
        question.removeprefix("你好"): intent for question, intent in labelled.select("question", "intent").rows()
    }
    topics = labelled.drop_nulls("topic").group_by("topic", "label").agg("intent").sort("topic")
    right = [intents[label] in dict(Counter(own).most_common(1)) for _, label, own in topics.iter_rows()]
    assert sum(right) / len(right) >= 0.8


needs_banking = pytest.mark.skipif(
    not BANKING.is_dir(), reason="BANKING77 is not beside the repository (KEFU_SHARED_DATA names it)"
)


def banking() -> pl.DataFrame:
    return pl.concat([pl.read_csv(BANKING / name) for name in ("train.csv", "test.csv")])


@needs_banking
def test_questions_of_a_bank_are_grouped_by_intent() -> None:
    rows = banking()
    found = group_topics(rows.select("text", count=pl.lit(1)), settings=TopicSettings(least_questions=5))
    own = rows.join(found.members, on="text", validate="m:1").with_row_index()
    ours = own.select(pl.coalesce("topic", pl.col("index").cast(pl.String))).to_series().to_list()
    assert adjusted_rand_score(own["category"].to_list(), ours) >= 0.27
    assert normalized_mutual_info_score(own["category"].to_list(), ours) >= 0.62


@needs_banking
def test_nine_of_ten_large_topics_are_found_again_a_day_later() -> None:
    days = banking().select("text", count=pl.lit(1)).sample(fraction=1.0, shuffle=True, seed=3)
    size = len(days) // 8
    before = group_topics(days.slice(0, 7 * size))
    after = group_topics(days.slice(size, 7 * size), known=before.known)
    assert before.topics["topic"].head(50).is_in(after.topics["topic"].implode()).mean() >= 0.9


def test_what_is_asked_in_other_words_is_one_topic() -> None:
    found = group_topics(asked(退款多久到账=9, 退款什么时候到账=4, 我的退款怎么还没到账=3, 怎么开发票=8, 能开发票吗=2))
    assert found.topics.select("label", "questions", "count").rows() == [("退款多久到账", 3, 16), ("怎么开发票", 2, 10)]
    assert found.topics["tags"].list.first().to_list() == ["退款", "开发票"]
    assert found.topics["typical"].to_list()[1] == ["怎么开发票", "能开发票吗"]
    assert dict(found.members.rows())["能开发票吗"] == found.topics["topic"][1]


def test_numbers_links_signs_and_greetings_make_no_difference() -> None:
    forms = [
        "订单123456怎么退",
        "您好，订单 99 怎么退？",
        "订單８８怎麼退😀",
        "请问订单A12345678怎么退谢谢",
        "订单1怎么退[微笑]",
    ]
    found = group_topics(pl.DataFrame({"text": forms, "count": 1}))
    assert found.topics.select("questions", "count").rows() == [(1, 5)]
    assert found.topics["label"].str.contains(r"\d{4}").sum() == 0


def test_greetings_numbers_and_empty_words_are_no_topic() -> None:
    texts = [
        "你好在吗",
        "您好",
        "人工",
        "13800138000",
        "😀😀😀",
        "",
        "？？？",
        "怎么办",
        "hello",
        "https://a.cn/b?c=1",
        "好的",
    ]
    found = group_topics(pl.DataFrame({"text": texts, "count": 50}))
    assert found.topics.is_empty()
    assert found.members.rows() == [(text, None) for text in sorted(texts)]


@pytest.mark.parametrize(
    ("settings", "topics"),
    [(TopicSettings(least_count=5), 1), (TopicSettings(least_count=4), 2), (TopicSettings(least_questions=2), 0)],
)
def test_a_topic_has_a_least_size(settings: TopicSettings, topics: int) -> None:
    assert len(group_topics(asked(怎么注销账号=5, 收不到验证码=4), settings=settings).topics) == topics


def test_counts_of_equal_texts_add_up_and_what_has_none_is_left_out() -> None:
    rows = pl.DataFrame(
        {"text": ["收不到验证码", "收不到验证码", "怎么注销账号", None], "count": [2, 3, 0, 7], "more": 1}
    )
    found = group_topics(rows)
    assert found.topics.select("label", "count").rows() == [("收不到验证码", 5)]
    assert found.members["text"].to_list() == ["收不到验证码"]


def test_topics_stand_in_the_order_of_how_often_they_were_asked() -> None:
    found = group_topics(asked(怎么注销账号=6, 收不到验证码=9, 发票怎么开=6))
    assert found.topics["label"].to_list() == ["收不到验证码", "发票怎么开", "怎么注销账号"]


def test_a_topic_that_no_hotspot_answers_is_new() -> None:
    hotspots = pl.DataFrame(
        {
            "hotspot_id": ["h3", "h2", "h1", None],
            "title": ["如何开具电子发票", "怎么开发票", "怎么开发票", "收不到验证码"],
        }
    )
    questions = asked(怎么开发票=6, 发票怎么开=5, 收不到验证码=9, 验证码收不到=3)
    found = group_topics(questions, hotspots=hotspots)
    assert found.topics.select("label", "hotspot_id").rows() == [("收不到验证码", None), ("怎么开发票", "h1")]
    assert found.topics["hotspot_similarity"].to_list()[1] > 800
    assert group_topics(questions).topics["hotspot_similarity"].to_list() == [None, None]


def test_a_title_of_words_that_nobody_says_is_far_away() -> None:
    hotspots = pl.DataFrame({"hotspot_id": ["h"], "title": ["验证码之外的航班行李托运与酒店预订说明"]})
    assert (
        group_topics(asked(收不到验证码=9, 怎么开发票=9), hotspots=hotspots).topics["hotspot_id"].to_list()
        == [None] * 2
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_rows_makes_no_difference(seed: int) -> None:
    rows = pl.read_csv(LABELLED, separator="\t").select(text="question", count=pl.int_range(pl.len()) % 5 + 1)
    hotspots = pl.DataFrame({"hotspot_id": ["a", "b"], "title": ["怎么退款", "如何改签"]})
    mixed = rows.sample(fraction=1.0, shuffle=True, seed=seed)
    assert equal(group_topics(rows, hotspots=hotspots), group_topics(mixed, hotspots=hotspots.reverse()))


def test_stop_words_can_be_kept() -> None:
    rows = asked(怎么办=9)
    assert len(group_topics(rows, settings=TopicSettings(stop_words=False)).topics) == 1


@pytest.mark.parametrize(
    ("texts", "topics"),
    [
        ([], 0),
        ([None, None], 0),
        ([""] * 9, 0),
        (["怎么退款"], 1),
        (["怎么退款"] * 1_000, 1),
        (["😀" * 1_000] * 9, 0),
        ([f"订单{number}怎么退款" for number in range(100_000)], 1),
        (["退" * 1_000_000], 1),
        (["怎么退款，" * 200_000, "\n\t " * 300_000, "a" * 1_000_000, "[" * 300_000], None),
        (["\x00", "\u0301\u0301", "퀰 \ud7ff", "ab", "0a0", "  x  y "], None),
    ],
)
def test_no_input_takes_long(texts: list[str | None], topics: int | None) -> None:
    start = time.perf_counter()
    rows = pl.DataFrame(
        {"text": pl.Series(texts, dtype=pl.String), "count": pl.Series([1] * len(texts), dtype=pl.Int64)}
    )
    found = group_topics(rows, settings=ANY_SIZE)
    assert time.perf_counter() - start < 20
    assert found.topics.schema == TOPICS
    assert found.members.schema == MEMBERS
    assert len(found.members) == len({text for text in texts if text is not None})
    assert topics is None or len(found.topics) == topics
