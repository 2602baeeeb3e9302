# Needs only make and a Python of 3.11 or newer. uv is used where it is there, never asked for.
# Another Python: make setup PYTHON=python3.13

PYTHON ?= python3
PYTEST_ARGS ?=
LOCK_ARGS ?=

BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Every test of the command line starts a program: compiled modules must be kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup up test lint check format browser pictures bench lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.run ## make .venv and install the program into it

up: .venv/.run ## install, read every source that needs no key, then serve on http://127.0.0.1:8000
	@$(BIN)/modelcensus up

test: .venv/.dev browser check ## everything that must pass: lint, types, floors, all tests
	$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

lint: .venv/.dev check ## ruff, mypy --strict, import-linter and the house tests
	$(BIN)/python -m pytest tests/house $(PYTEST_ARGS)

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: .venv/.dev ## sort imports, fix what can be fixed, format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pictures: .venv/.dev browser ## take docs/screenshots anew
	$(BIN)/python -m tests.screenshots

bench: .venv/.bench ## measure against dlt and git-history; prints one table
	$(BIN)/python -m bench

# Page tests fail with a clear message where this finds nothing; MODELCENSUS_NO_BROWSER=1 skips them on purpose.
browser: ## make sure there is a Chromium for the tests of pages
	@if [ "$${MODELCENSUS_NO_BROWSER:-}" = 1 ]; then \
	    echo "browser: MODELCENSUS_NO_BROWSER=1, tests of pages are skipped"; \
	elif [ -n "$${CHROMIUM:-}" ] && [ -x "$$CHROMIUM" ]; then :; \
	elif { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "browser: installing chromium with apt-get"; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null \
	    || echo "browser: apt-get could not install chromium; install it by hand or set CHROMIUM=/path/to/chromium"; \
	else \
	    echo "browser: no chromium found; install it with your package manager or set CHROMIUM=/path/to/chromium"; \
	fi

lock: ## make the hashed requirement files again (LOCK_ARGS=--upgrade: with the newest versions)
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@command -v uv >/dev/null 2>&1 || [ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet uv
	@PATH="$$PATH:$(CURDIR)/$(BIN)"; for name in run dev bench; do \
	    case $$name in run) groups=;; dev) groups="--group dev";; bench) groups="--group dev --group bench";; esac; \
	    uv pip compile pyproject.toml requirements/build.in $$groups --universal --python-version 3.11 \
	        --generate-hashes --no-header --no-annotate --quiet $(LOCK_ARGS) --output-file requirements/$$name.txt \
	    || exit 1; \
	done
	@if grep -n '://\|^-' requirements/*.txt; then echo "lock: a requirement file names an address" >&2; exit 1; fi

clean: ## remove .venv, caches and build results; never data/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# One stamp for each set of packages: a second `make setup` has nothing to do.
.venv/.run .venv/.dev .venv/.bench: .venv/.%: requirements/%.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "setup: '$(PYTHON)' is no Python of 3.11 or newer; say which one: make setup PYTHON=python3.12" >&2; exit 1; }
	@echo "setup: installing requirements/$*.txt into .venv"
	@set -e; if command -v uv >/dev/null 2>&1; then \
	    [ -x $(BIN)/python ] || $(PYTHON) -m venv --without-pip .venv; \
	    uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/$*.txt; \
	    uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	    [ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || { \
	        rm -rf .venv; echo "setup: this Python has no venv; on Debian: apt-get install python3-venv" >&2; exit 1; }; \
	    $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null; \
	    $(BIN)/python -m pip install --quiet --require-hashes -r requirements/$*.txt; \
	    $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .; \
	fi
	@touch $@
