# Everything is done in a virtual environment of the repository's own.
#
#   PYTHON  the Python (3.11 or later) that makes it         make test PYTHON=python3.12
#   VENV    where it is; an active one is used when not said   make demo VENV=~/my-venv
#   TORCH   a torch build to install before all else          make demo TORCH=torch==2.13.0
#           (without it an installed torch is kept, or the newest is taken)
#   LAB     0: `make demo` stops before JupyterLab            make demo LAB=0
#   TEST_JOBS  how many tests run side by side; 2 by default  make test TEST_JOBS=4
#   MODEL   another base model for `make demo`: a folder below demo-workspace/

PYTHON ?= python3
VENV ?= $(or $(VIRTUAL_ENV),.venv)
TORCH ?=
LAB ?= 1
TEST_JOBS ?= 2
MODEL ?=

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export PATH := $(abspath $(VENV))/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

BIN := $(abspath $(VENV))/bin
SOURCES := pyproject.toml package.json yarn.lock install.json $(shell find ftstudio_ext src style schema jupyter-config -type f -not -name '*.pyc' -not -name '_version.py' 2>/dev/null)
BUILT := lib labextension dist tsconfig.tsbuildinfo
PYTHON_FOLDERS := $(wildcard ftstudio_ext tests benchmarks scripts)
CHROMIUM := chromium chromium-browser google-chrome

.PHONY: help demo test test-all lint lint-python lint-typescript test-python test-typescript docs bench build clean chromium slurm node

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 18

demo: $(VENV)/.ftstudio-demo ## the whole tutorial on a small real model, then JupyterLab (LAB=0: without)
	$(BIN)/python -m ftstudio_ext.demo $(if $(filter 0,$(LAB)),--no-lab) $(if $(MODEL),--model "$(MODEL)")

test: lint test-typescript test-python ## all tests but the long forms: Python, TypeScript, browser

test-all: lint test-typescript chromium slurm $(VENV)/.ftstudio-test ## all tests, the long forms (chaos, notebooks) too
	$(BIN)/python -m pytest -m 'long or not long'

lint: lint-python lint-typescript ## formats, lint rules, types, direction of imports

lint-python: $(VENV)/.ftstudio-test
	$(BIN)/ruff format --check $(PYTHON_FOLDERS)
	$(BIN)/ruff check $(PYTHON_FOLDERS)
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-typescript: $(VENV)/.ftstudio-test
	$(BIN)/jlpm install --immutable
	$(BIN)/jlpm lint:check

test-typescript: $(VENV)/.ftstudio-test
	$(BIN)/jlpm install --immutable
	$(BIN)/jlpm test

test-python: $(VENV)/.ftstudio-test chromium slurm
	$(BIN)/python -m pytest -n $(TEST_JOBS) --dist loadfile

docs: $(VENV)/.ftstudio-test ## the documentation as a site, in docs/_build/html
	$(BIN)/sphinx-build --fail-on-warning --quiet docs docs/_build/html

bench: $(VENV)/.ftstudio-test ## the measurements of benchmarks/
	for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

build: node $(BIN)/python ## sdist and wheel in dist/
	rm -rf $(BUILT)
	$(BIN)/pip install --quiet build
	$(BIN)/python -m build

clean: ## remove what was built (not the virtual environment)
	rm -rf $(BUILT) docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find ftstudio_ext tests -name __pycache__ -type d -exec rm -rf {} +

# A marker remembers an installation, so that only a changed source installs again. A build that
# lies there would be packaged as it is, however old: it is removed first.
$(VENV)/.ftstudio-demo: $(SOURCES) | $(BIN)/python node
	@$(call install,train$(comma)demo)

$(VENV)/.ftstudio-test: $(SOURCES) | $(BIN)/python node
	@$(call install,train$(comma)demo$(comma)test)

comma := ,
define install
started=$$SECONDS; \
echo "Installing into $(VENV): ftstudio-ext[$(1)] $(TORCH) …"; \
rm -rf $(BUILT); \
$(if $(TORCH),$(BIN)/pip install --quiet "$(TORCH)";) \
$(BIN)/pip install --quiet ".[$(1)]" $(if $(TORCH),"$(TORCH)"); \
touch $@; \
echo "Installed in $$((SECONDS - started)) s."
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

node:
	@command -v node >/dev/null || { \
	  echo "Node.js 20 or later is needed to build the JupyterLab extension; install it first."; exit 1; }

chromium:
	@for name in $(CHROMIUM); do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq chromium fonts-dejavu >/dev/null; \
	else \
	  echo "The browser tests need Chromium: apt-get install chromium fonts-dejavu (as root)."; exit 1; \
	fi

# Without it the tests of the Slurm launcher are skipped, and say so.
slurm:
	@if ! command -v slurmctld >/dev/null && ! [ -x /usr/sbin/slurmctld ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      slurmctld slurmd slurm-client munge >/dev/null || echo "Slurm cannot be installed."; \
	  else \
	    echo "For the tests of the Slurm launcher: apt-get install slurmctld slurmd slurm-client munge"; \
	  fi; \
	fi
