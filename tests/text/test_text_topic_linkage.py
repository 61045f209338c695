"""Groups of rows: average linkage as SciPy does it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

from kefu.text.linkage import alike
from kefu.text.vectors import UNIT, Rows

NONE_IS_CLOSE = 2.0


def rows_near(seed: int, centres: int, each: int, spread: float) -> Rows:
    rng = np.random.default_rng(seed)
    points = np.repeat(rng.normal(size=(centres, 12)), each, axis=0)
    points = points + spread * rng.normal(size=points.shape)
    return np.rint(points * (UNIT / np.linalg.norm(points, axis=1, keepdims=True))).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("enough", [0.2, 0.4, 0.6, 0.8])
def test_groups_are_those_of_scipy(seed: int, enough: float) -> None:
    rows = rows_near(seed, 15, 20, 0.6)
    tree = linkage(rows.astype(np.float64), method="average", metric="cosine")
    theirs = fcluster(tree, 1 - enough, criterion="distance")
    assert adjusted_rand_score(theirs, alike(rows, NONE_IS_CLOSE, enough, 10_000)) > 0.999


def test_close_rows_follow_a_leader_and_the_groups_stay() -> None:
    rows = rows_near(3, 8, 200, 0.05)
    found = alike(rows, 0.9, 0.7, 10_000)
    assert adjusted_rand_score(np.repeat(np.arange(8), 200), found) == 1


def test_a_row_without_a_place_is_in_no_group() -> None:
    rows = np.eye(6, dtype=np.float32) * UNIT
    assert alike(rows, 0.8, 0.4, 4).tolist() == [0, 1, 2, 3, -1, -1]


def test_empty_rows_are_like_nothing() -> None:
    assert len(set(alike(np.zeros((5, 3), dtype=np.float32), 0.8, 0.4, 10).tolist())) == 5


def test_equal_rows_are_one_group() -> None:
    rows = np.tile(np.array([[0, UNIT, 0]], dtype=np.float32), (3_000, 1))
    assert set(alike(rows, NONE_IS_CLOSE, 0.4, 3_000).tolist()) == {0}


def test_a_chain_ends() -> None:
    angles = np.linspace(0, np.pi / 2, 800) ** 1.3
    rows = np.rint(UNIT * np.stack([np.cos(angles), np.sin(angles)], axis=1)).astype(np.float32)
    assert len(set(alike(rows, NONE_IS_CLOSE, 0.9, 1_000).tolist())) < 10
