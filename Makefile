# Every target does its own set-up: a virtual environment in .venv, pinned by constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
# What tests write need not outlive them: in memory, where it has room, they do not wait for the disk.
SCRATCH := $(shell [ "$$(df -Pk /dev/shm 2>/dev/null | awk 'END {print $$4}')" -gt 4000000 ] 2>/dev/null && echo /dev/shm || echo $${TMPDIR:-/tmp})

# Bytecode that is not kept is made anew by every process that a test or a campaign starts.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup browser redis demo test lint bench kill fuzz clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@echo "setting up $(VENV) once; this takes a few minutes and says nothing until it is done"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(STAMP)

demo: setup
	$(BIN)/nightshift run beamline-alignment

# The dashboard's tests drive a real browser; without one they are skipped, and say so.
browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null; } \
	|| echo "no chromium here: the dashboard's tests will be skipped; apt-get install chromium"

# The queueserver's tests run a real one, with a real Redis; without one they are skipped, and say so.
redis:
	@command -v redis-server >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq -y --no-install-recommends redis-server >/dev/null; } \
	|| echo "no redis-server here: the queueserver's tests will be skipped; apt-get install redis-server"

# Tests of one file stay together and in order, and those of some folders (tests/scheduling.py). Files run side by side, two more
# than there are cores, for many wait for processes; as they are collected, so that the short ones come last.
test: setup browser redis
	@scratch=$$(mktemp -d -p $(SCRATCH)) && trap 'rm -rf "$$scratch"' EXIT && \
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --basetemp "$$scratch/tests"

# Only the tests' own Tiled server brings ecdsa (docs/decisions/0006); its authors will not mend this.
ECDSA := CVE-2024-23342

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml orchestrator agents instruments rewards
	$(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip --progress-spinner off --ignore-vuln $(ECDSA)

bench: setup
	$(BIN)/python -m tests.benchmarks

kill: setup
	$(BIN)/pytest -m slow --timeout 3600

fuzz: setup
	$(BIN)/python -m tests.fuzz --memory-mb 2048 --examples 100

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf *.egg-info
