# Two commands do all the set-up: `make demo` and `make test`. They need Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-long lint types pictures clean

demo: $(VENV)/installed
	$(BIN)/kefu run sample_sessions

test: $(VENV)/installed-dev lint types
	$(BIN)/pytest -n auto

test-long: $(VENV)/installed-dev
	$(BIN)/pytest -m long

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/installed-dev
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

# The pictures of the READMEs, of the sample's week; needs Chromium and a font for Chinese, such as fonts-noto-cjk.
pictures: $(VENV)/installed-dev
	$(BIN)/python tests/docs_pictures.py

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit("kefu needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: pyproject.toml $(VENV)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml $(VENV)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV)
