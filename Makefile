# All the set-up is here: a machine with Python 3.11 or newer and make needs nothing else.
PYTHON ?= python3
APP ?= examples/flask
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help build test test-long test-network wheelhouse lint types imports docs check bench lock clean

help: ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.complete: requirements/dev.txt core/pyproject.toml $(wildcard plugins/*/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Layerwright needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e core -e plugins/frameworks -e plugins/pip -e plugins/poetry -e plugins/uv
	@touch $@

build: $(VENV)/.complete ## build APP (default: the Flask example) into layers
	@$(BIN)/layerwright build $(APP)

test: $(VENV)/.complete wheelhouse ## run every test that needs no outside network and is not long
	@$(BIN)/python -m coverage erase
	@TMPDIR=$$($(BIN)/python -m tests.fixtures.scratch) $(BIN)/python -m coverage run -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not network and not long"
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report

test-network: $(VENV)/.complete ## run the tests that need the outside package index
	@$(BIN)/python -m pytest -m "network and not long"

test-long: $(VENV)/.complete wheelhouse ## run the long forms of harnesses, which take minutes to hours
	@$(BIN)/python -m pytest -m "long and not network" --timeout=0

wheelhouse: $(VENV)/.complete ## fetch, once, the distributions that the tests serve from loopback
	@$(BIN)/python -m tests.fixtures.wheelhouse

lint: $(VENV)/.complete ## check style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.complete ## check types
	@$(BIN)/mypy

imports: $(VENV)/.complete ## check that imports point one way
	@$(BIN)/lint-imports

docs: $(VENV)/.complete ## make the documentation, as HTML, in docs/_build
	@$(BIN)/sphinx-build -W --keep-going -n -q -c docs . docs/_build

check: ## everything that must pass before a change lands; what uses one core at most goes side by side
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint types imports docs wheelhouse
	@$(MAKE) --no-print-directory test

bench: $(VENV)/.complete wheelhouse ## measure against the bare tools
	@$(BIN)/python -m benchmarks

lock: $(VENV)/.complete ## write the hash-pinned requirements files anew
	@lock() { uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate "$$@"; }; set -e; \
	for name in dev wheelhouse; do lock --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done; \
	lock --python-version 3.8 requirements/pip.in -o plugins/pip/src/layerwright_pip/pip.lock; \
	lock --python-version 3.9 requirements/poetry.in -o plugins/poetry/src/layerwright_poetry/poetry.txt; \
	lock --python-version 3.9 requirements/uv.in -o plugins/uv/src/layerwright_uv/tool.lock; \
	for name in pdm pipenv; do lock --python-version 3.10 requirements/$$name.in -o examples/plugins/$$name/src/layerwright_$$name/tool.lock; done; \
	lock --python-version 3.11 core/pyproject.toml -o core/src/layerwright/buildpackage/runtime.lock

clean: ## remove what was made here
	@rm -rf $(VENV) docs/_build .wheelhouse .wheelhouse-buildpack .wheelhouse-pdm .wheelhouse-pipenv .wheelhouse-poetry .wheelhouse-uv .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
