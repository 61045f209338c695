"""A slice of ``benchmarks/fuzz_input.py``: mutated files load or are rejected, and nothing else happens."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fuzz_input.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_input", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(SCRIPT.parent))
    spec.loader.exec_module(module)
    sys.path.remove(str(SCRIPT.parent))
    return module


fuzz = load()


@pytest.mark.parametrize("start", range(0, 300, 50))
def test_mutated_files(tmp_path: Path, start: int) -> None:
    for seed in range(start, start + 50):
        outcome = fuzz.judge(fuzz.case_for(seed), tmp_path / str(seed))
        assert not outcome.problems, f"python benchmarks/fuzz_input.py --first {seed} --files 1"


def test_a_problem_is_found(tmp_path: Path) -> None:
    case = fuzz.Case("messages.csv", b"session_id,sent_at,role\n", "none", frozenset({"m1"}))
    assert fuzz.judge(case, tmp_path / "x").problems
