# A machine with Python 3.11 or newer and make needs no other set-up.
PYTHON ?= python3
APP ?= examples/flask
VENV := .venv
BIN := $(VENV)/bin
DIST ?= dist
FIRST_PARTY := core plugins/frameworks plugins/pdm plugins/pip plugins/pipenv plugins/poetry plugins/uv
# A lock is complete, so pip resolves nothing: older releases of pip resolve an extra as if its distribution were not pinned.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder

.PHONY: help develop build dist test test-fast test-long test-network test-pythons test-unit wheelhouse lint types imports docs check bench lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

# The run-time requirements alone. If the development tools are installed as well, a change of their lock file recreates the
# environment: pip would leave distributions that are no longer locked.
$(VENV)/.run: requirements/run.txt $(FIRST_PARTY:%=%/pyproject.toml) $(if $(wildcard $(VENV)/.complete),requirements/dev.txt)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Layerwright needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --no-build-isolation $(FIRST_PARTY:%=-e %)
	@touch $@

$(VENV)/.complete: requirements/dev.txt $(VENV)/.run
	@echo "Adding to $(VENV) what testing and checking need (once)"
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

develop: $(VENV)/.complete ## set up the virtual environment with everything for tests and checks

build: $(VENV)/.run ## build APP (default: the Flask example) into layers
	@$(BIN)/layerwright build $(APP)

dist: $(VENV)/.run ## build the wheels of core and the first-party plugins, in DIST (default: dist)
	@rm -f $(DIST)/layerwright*.whl
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir=$(DIST) $(FIRST_PARTY:%=./%)

test: $(VENV)/.complete wheelhouse ## run every test that needs no outside network and is not long
	@$(BIN)/python -m coverage erase
	@TMPDIR=$$($(BIN)/python -m tests.fixtures.scratch) $(BIN)/python -m coverage run -m pytest $(PARALLEL) -m "not network and not long"
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report

test-unit: $(VENV)/.complete wheelhouse ## run the unit tests, without measuring them
	@TMPDIR=$$($(BIN)/python -m tests.fixtures.scratch) $(BIN)/python -m pytest -q $(PARALLEL) -m "not network and not long and not real" tests/unit

test-fast: $(VENV)/.complete ## run the unit tests that need no build, in about two minutes
	@$(BIN)/python -m pytest -q $(PARALLEL) -m "not integration and not network and not long" tests/unit

test-pythons: $(VENV)/.complete ## run test-unit on the oldest and the newest CPython of this machine, except that of make test
	@others=$$($(BIN)/python -m tests.fixtures.pythons) && \
	echo "$$others" | while read -r minor python; do \
		test -z "$$minor" || $(MAKE) --no-print-directory test-unit VENV=.venv-$$minor PYTHON=$$python </dev/null || exit 1; \
	done

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

docs: $(VENV)/.complete ## build the documentation, as HTML, in docs/_build
	@$(BIN)/sphinx-build -W --keep-going -n -q -c docs . docs/_build

check: ## run everything that must pass before a change lands; checks that use one core run in parallel
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint types imports docs wheelhouse
	@$(MAKE) --no-print-directory test

bench: $(VENV)/.complete wheelhouse ## measure against the bare tools
	@$(BIN)/python -m benchmarks

lock: $(VENV)/.complete ## update the hash-pinned requirements files, each only if it is complete
	@$(BIN)/python -m requirements

clean: ## remove everything that these targets created
	@rm -rf $(VENV) .venv-* dist docs/_build .wheelhouse .wheelhouse-buildpack .wheelhouse-pdm .wheelhouse-pip-tools .wheelhouse-pipenv .wheelhouse-poetry .wheelhouse-uv .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis examples/*/.layerwright
