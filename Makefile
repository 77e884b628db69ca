# The workshop. `make help` lists the targets; everything is made below .venv/ and var/.

PORT ?= 8000
HOST ?= 127.0.0.1
VENV := .venv
PY := $(VENV)/bin/python
# Python 3.11: by name, or as plain python3 where that is 3.11.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP_INSTALL := $(PY) -m pip install -qq --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run test test-full test-unit check bench lock clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
	  printf '  make %-10s %s\n' "$$name" "$$text"; done

# --- The virtual environment -----------------------------------------------------------------------

$(VENV)/.made:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
	  echo "This needs Python 3.11. Install it, or say where it is: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
	@echo "Making $(VENV) with $(PYTHON)" >&2
	@"$(PYTHON)" -m venv $(VENV) || { \
	  echo "The module venv is missing (Debian and Ubuntu: apt-get install python3.11-venv)." >&2; exit 1; }
	@touch $@

$(VENV)/.run: requirements.txt | $(VENV)/.made
	@echo "Installing requirements.txt" >&2
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

# The lock of the tools contains that of the product.
$(VENV)/.dev: requirements-dev.txt requirements.txt | $(VENV)/.made
	@echo "Installing requirements-dev.txt" >&2
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/.run

# --- Running -----------------------------------------------------------------------------------------

# One shell for all steps, replaced by the last one: Ctrl-C reaches the server itself, which ends what it
# started. EGRESS_ALLOW gets its value only when it is unset; an explicit empty one stays closed.
run: $(VENV)/.run ## start web and worker with demo data on http://localhost:$PORT
	@set -e; \
	export DEBUG=1 HOST="$(HOST)" PORT="$(PORT)"; \
	export SITE_URL="$${SITE_URL:-http://localhost:$(PORT)}"; \
	: "$${EGRESS_ALLOW=127.0.0.0/8,::1/128}"; export EGRESS_ALLOW; \
	$(PY) manage.py migrate --verbosity 0; \
	$(PY) manage.py seed_demo --if-empty; \
	exec $(PY) manage.py serve

# --- Testing -----------------------------------------------------------------------------------------

test: $(VENV)/.dev ## the whole suite, on servers of its own
	@exec $(PY) -m scripts.run_tests

test-full: $(VENV)/.dev ## the same with the full counts of kills, races and loads
	@FULL=1 exec $(PY) -m scripts.run_tests

test-unit: $(VENV)/.dev ## only the pure part, in seconds: no servers, no database
	@TEST_DATABASE=none exec $(PY) -m pytest runtime -q

check: $(VENV)/.dev ## lint, format, types, import rules, migrations, deploy checks, templates, docs
	@exec $(PY) -m scripts.check

bench: $(VENV)/.dev ## page times beside a floor measured in the same run
	@exec $(PY) -m bench

# --- Keeping -----------------------------------------------------------------------------------------

# uv lives in a virtual environment of its own: a tool for locking is nothing the product or its tests need. Its
# version is fixed, because another one may order or mark the same packages differently.
UV_VERSION := 0.13.9
UV := $(VENV)/lock-$(UV_VERSION)/bin/uv
$(UV): | $(VENV)/.made
	@"$(PYTHON)" -m venv $(VENV)/lock-$(UV_VERSION)
	@$(VENV)/lock-$(UV_VERSION)/bin/pip install -qq --disable-pip-version-check uv==$(UV_VERSION)

# For every platform, whichever one compiles. What is pinned stays as it is, unless the .in file asks for another.
UV_COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile --quiet --no-config --generate-hashes \
	--python-version 3.11 --universal --no-emit-index-url --no-emit-find-links

lock: $(UV) ## compile requirements*.in into requirements*.txt; UPGRADE=1 takes newer versions
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) requirements.in -o requirements.txt
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) -c requirements.txt requirements-dev.in -o requirements-dev.txt

clean: ## remove the virtual environment and caches; var/ (your data) stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
