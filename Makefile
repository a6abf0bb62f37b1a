# The commands of apta. A machine needs Python 3.11 or newer, make and a package registry, nothing else.

PYTHON ?= python3
PORT ?= 8000

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# By name, so that the same versions are taken on every machine and for every Python from 3.11 on.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help run serve reload test check bench format lock audit clean

help: ## Show this list
	@echo "make <what>, where <what> is one of:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: export APTA_DEBUG = 1
run: .venv/base.stamp ## Install what is needed, load the work plan and start apta on this machine (PORT=8000)
	@echo "Preparing the database ..."
	@$(MANAGE) migrate --verbosity 0
	@echo "Loading the work plan, if it is not there yet ..."
	@$(MANAGE) load_plan
	@echo "Loading the demo accounts ..."
	@$(MANAGE) load_demo
	@echo "apta is starting on http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@exec $(MANAGE) runserver 127.0.0.1:$(PORT)

serve: .venv/base.stamp ## Check the settings, prepare the database and run apta for others (see docs/operating.md)
	@exec $(MANAGE) serve

reload: .venv/base.stamp ## Let a running make serve take over the version on the disk, without a failed request
	@kill -HUP "$$(cat "$${APTA_DATA_DIR:-var}/serve.pid")"

test: .venv/dev.stamp ## Check the code, then run every test on SQLite and on PostgreSQL
	@$(BIN)/python -m tests.run

check: .venv/dev.stamp ## Only check the code: style, types, imports, templates, settings, migrations
	@$(BIN)/python -m tests.run --checks-only

bench: .venv/dev.stamp ## Measure how near reading comes to the database (ROWS=10000; some minutes; no test)
	@$(BIN)/python -m tests.reading_benchmark --rows $(or $(ROWS),10000)

format: .venv/dev.stamp ## Put the Python files into the house's layout
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lock: .venv/installer.stamp ## Choose the versions anew after a change of pyproject.toml (UPGRADE=1 takes newer ones)
	@test -x $(BIN)/uv || { echo "make lock needs uv, which could not be installed on this machine."; exit 1; }
	@echo "Locking the packages apta runs with, those it is tested with, and the installer ..."
	@$(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --output-file requirements/base.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --extra dev --constraint requirements/base.txt \
	  --output-file requirements/dev.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) --group installer --output-file requirements/installer.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) --group audit --output-file requirements/audit.txt
	@echo "Done. The next make run or make test installs them."

audit: .venv/audit.stamp ## Look for known weaknesses of the packages; write their licences and a bill of materials
	@$(BIN)/python -m tests.audit

clean: ## Remove everything that was installed or made here, except the data in var/
	rm -rf .venv build htmlcov *.egg-info .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find apta workplan tests -name __pycache__ -type d -prune -exec rm -rf {} +

# uv is several times quicker than pip but does not read pip's settings. A site whose registry
# stands only there still gets its packages: pip takes over. Both check every hash.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement
UV_INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement
install = { test -x $(BIN)/uv && $(UV_INSTALL) $(1) 2>.venv/uv.log; } \
	|| { echo "uv did not install them (see .venv/uv.log); pip tries, more slowly ..."; $(PIP_INSTALL) $(1); }

.venv/installer.stamp: requirements/installer.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "apta needs Python 3.11 or newer; '$(PYTHON)' is missing or older."; \
	  echo "Install one, or name it: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Making a place for the packages in .venv ..."
	@$(PYTHON) -m venv .venv || { \
	  echo "'$(PYTHON)' cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PIP_INSTALL) $< || echo "uv could not be installed; pip does its work, more slowly."
	@touch $@

.venv/base.stamp: requirements/base.txt .venv/installer.stamp
	@echo "Installing the locked packages apta runs with (the first time, up to a minute) ..."
	@$(call install,$<)
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/installer.stamp
	@echo "Installing the locked packages apta is tested with (the first time, up to two minutes) ..."
	@$(call install,$<)
	@touch .venv/base.stamp $@

# Two environments apart: one with what apta runs with and nothing else, and one with the tools that look at it.
.venv/audit.stamp: requirements/audit.txt requirements/base.txt .venv/installer.stamp
	@echo "Installing the packages to look at, and what looks at them, in build/audit ..."
	@for part in base audit; do \
	  $(PYTHON) -m venv --clear build/audit/$$part && \
	  { $(BIN)/uv pip install --quiet --python build/audit/$$part/bin/python --require-hashes --requirement requirements/$$part.txt 2>.venv/uv.log \
	    || build/audit/$$part/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/$$part.txt; } \
	  || exit 1; \
	done
	@touch $@
