"""Ids from night to night."""

from __future__ import annotations

import polars as pl
import pytest

from kefu.text.following import KNOWN, following, kept

NOTHING = pl.DataFrame(schema=KNOWN)


def tonight(groups: dict[int, dict[str, int]]) -> pl.DataFrame:
    rows = [(group, member, count) for group, members in groups.items() for member, count in members.items()]
    return pl.DataFrame(rows, schema={"group": pl.Int64, "member": pl.String, "count": pl.Int64}, orient="row")


def last(topics: dict[str, dict[str | None, int]]) -> pl.DataFrame:
    rows = [(member, count, topic) for topic, members in topics.items() for member, count in members.items()]
    return pl.DataFrame(rows, schema=KNOWN, orient="row")


def ids(groups: dict[int, dict[str, int]], known: pl.DataFrame = NOTHING, same: float = 0.3) -> dict[int, str]:
    founders = pl.DataFrame({"group": list(groups), "founder": [min(members) for members in groups.values()]})
    return dict(following(tonight(groups), founders, known, same).rows())


def test_a_topic_that_shares_enough_keeps_its_id() -> None:
    known = last({"told": {"a": 3, "b": 3, "c": 4}})
    assert ids({7: {"a": 3, "b": 3, "x": 4}}, known)[7] == "told"


@pytest.mark.parametrize(("count", "same"), [(3, True), (2, False)])
def test_what_is_shared_is_weighed(count: int, same: bool) -> None:  # noqa: FBT001
    known = last({"told": {"a": 10}})
    assert (ids({1: {"a": count, "b": 0}}, known, same=0.3)[1] == "told") is same


def test_of_two_parts_the_larger_keeps_the_id() -> None:
    known = last({"told": {"a": 6, "b": 4}})
    found = ids({1: {"b": 4}, 2: {"a": 6}}, known)
    assert found[2] == "told"
    assert found[1] != "told"


def test_of_two_that_merge_the_larger_gives_the_id() -> None:
    known = last({"t1": {"a": 4}, "t2": {"b": 6}})
    assert ids({1: {"a": 4, "b": 6}}, known)[1] == "t2"


def test_ties_go_to_the_smaller_id_then_to_the_smaller_founder() -> None:
    known = last({"t2": {"a": 5}, "t1": {"b": 5}})
    assert ids({1: {"a": 5, "b": 5}}, known)[1] == "t1"
    assert ids({4: {"b": 5}, 3: {"a": 5}}, last({"t1": {"a": 5, "b": 5}}))[3] == "t1"


def test_new_ids_come_from_the_founder_and_differ() -> None:
    found = ids({1: {"a": 1}, 2: {"b": 1}})
    assert found == {2: ids({9: {"b": 1}})[9], 1: ids({8: {"a": 5}})[8]}
    assert len(set(found.values())) == 2
    assert all(len(topic) == 9 and topic.startswith("t") for topic in found.values())


def test_an_id_that_was_used_is_not_given_again() -> None:
    first = ids({1: {"a": 1}})[1]
    again = ids({1: {"a": 1}}, last({first: {None: 0}}))[1]
    third = ids({1: {"a": 1}}, last({first: {None: 0}, again: {None: 0}}))[1]
    assert len({first, again, third}) == 3


def test_the_order_of_the_rows_makes_no_difference() -> None:
    known = last({"t1": {"a": 2, "b": 2}, "t2": {"c": 2, "d": 2}})
    groups = {1: {"a": 2, "c": 2}, 2: {"b": 2, "d": 2}}
    assert ids(groups, known) == ids(dict(reversed(groups.items())), known.reverse())


def test_what_is_kept_holds_every_id_that_was_ever_used() -> None:
    members = pl.DataFrame({"member": ["b", "a"], "count": [1, 2], "topic": ["t3", "t3"]})
    found = kept(members, last({"t1": {None: 0}, "t2": {"x": 4, "y": 1}, "t3": {"a": 1}}))
    assert found.rows() == [(None, 0, "t1"), (None, 0, "t2"), ("a", 2, "t3"), ("b", 1, "t3")]
