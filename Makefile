# Helios. `make help` lists what there is; Python 3.11 or newer and make are all it needs.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip install --quiet --disable-pip-version-check
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench screenshots demo clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Settings are environment variables: HELIOS_HOME=dir PORT=8000 DRAWS=file.csv (README.md)"

setup: $(VENV)/installed ## Install the pinned requirements into .venv

run: $(VENV)/installed ## Start Helios and print its address; Ctrl-C stops it
	@exec $(PY) manage.py serve

test: $(VENV)/installed-dev ## The whole suite, and again on PostgreSQL where one answers
	@$(PY) -m tests.suite $(ARGS)

check: $(VENV)/installed-dev ## Format, lint, types, import layers, migrations, tests
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	@# the Django plugin reads the settings, which want a secret; a fresh clone has none yet
	HELIOS_SECRET_KEY=only-for-types $(VENV)/bin/mypy helios_site reflection training registry memory manage.py
	$(VENV)/bin/lint-imports
	@HELIOS_HOME=$$(mktemp -d) $(PY) manage.py makemigrations --check --dry-run
	@$(MAKE) --no-print-directory test

bench: $(VENV)/installed-dev ## Every benchmark, one JSON object each
	@for script in $$(grep -lE '\breport\(' $$(grep -l __main__ benchmarks/*.py)); do \
	  echo "# $$script"; $(PY) -m benchmarks.$$(basename $$script .py) || exit 1; \
	done

screenshots: $(VENV)/installed-dev ## docs/screenshots/, from a demonstration installation
	@$(PY) -m tests.browser.screenshots

demo: $(VENV)/installed ## Like run, in a temporary folder that is filled with real sessions first
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && export HELIOS_HOME="$$home" \
	  && $(PY) manage.py demo && $(PY) manage.py serve

clean: ## Remove what can be made again (never var/, which holds your models)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Helios needs Python 3.11 or newer: make PYTHON=python3.12 setup"; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing requirements.txt (the first time: about 3 minutes) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@
