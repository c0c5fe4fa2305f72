# Every target works in a fresh checkout: it first makes .venv as constraints.txt pins it.
# Needs Python >= 3.11 with pip, make and gcc. Another interpreter: make PYTHON=python3.12 test

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# Two workers: the suite takes little memory, and most of its time is one core's work.
PYTEST_ARGS ?= -n 2
VERIFY_ARGS ?= --budget quick
# `existing` is the interpreter that asv itself runs under.
ASV := $(BIN)/asv --config benchmarks/asv.conf.json
# Some machines set these for OpenBLAS builds older than ours; they would slow only our side of orthogonal_.
# And torch's idle OpenMP workers would spin on the cores while refinit's threads run.
BENCH_ENV := env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OMP_WAIT_POLICY=passive

.DEFAULT_GOAL := help
.PHONY: help venv verify test lint bench readme clean

help: venv ## (default) make .venv and list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

venv: $(INSTALLED) ## make .venv and install what constraints.txt pins

# hatchling first and no build isolation, so that the build backend is the pinned one too.
# The link gives a checkout the harness's installed name, which the wheel gives everyone else.
$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt hatchling
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation -e '.[dev]'
	ln -sfn ../../../../verify "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/refinit_verify"
	touch $@

verify: venv ## compare every function with torch and with its law, over the shapes of real models
	$(BIN)/python -m verify $(VERIFY_ARGS)

test: venv ## run the tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: venv ## ruff, mypy, the import contracts, and asv's check of the benchmarks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(ASV) check -E existing

bench: venv ## asv's suite, quickly, then the table of ratios to torch
	$(ASV) machine --yes >/dev/null
	$(BENCH_ENV) $(ASV) run --quick -E existing
	$(BENCH_ENV) $(BIN)/python -m benchmarks.table

readme: venv ## write the generated tables of README.md (not the speed table: python -m benchmarks.table --write-readme)
	$(BIN)/python -m docs.tables

clean: ## remove .venv and every cache in the checkout
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis benchmarks/.asv build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
