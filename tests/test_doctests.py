"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import kefu

MODULES = [module.name for module in pkgutil.walk_packages(kefu.__path__, "kefu.") if module.name != "kefu.__main__"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
