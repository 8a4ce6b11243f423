# Every verb sets up what it needs in .venv first; `make` alone prints the verbs.
.DEFAULT_GOAL := help
.PHONY: help setup lab reports test check notebooks bench clean

PYTHON ?= python3
VENV   ?= .venv
JOBS   ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
PARAMS := $(wildcard params/*.yaml)
BIN    := $(VENV)/bin
# What every notebook imports: their kernels are forked from a server that has it (docs/batch.md).
WARM   := scipy.stats,pandas,matplotlib.pyplot,mchepi.intake,mchepi.presentation
READY  := $(VENV)/.ready

help: ## Print these verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Build .venv with everything (uv where the machine has it, else pip)

# One environment for all verbs, so that reports and tests run on the same versions.
$(READY): pyproject.toml constraints.txt
	@if command -v uv >/dev/null 2>&1; then \
	  echo "Setting up $(VENV) with uv"; \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --constraints constraints.txt --editable '.[lab,test]'; \
	else \
	  echo "Setting up $(VENV) with pip (a few minutes the first time)"; \
	  $(PYTHON) -c 'import sys; sys.exit("mchepi needs Python 3.11 or newer; got " + sys.version.split()[0] + ". Run: make PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None' && \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[lab,test]'; \
	fi
	@touch $(READY)

lab: $(READY) ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=.

reports: $(READY) ## Run every analysis for every district, then build site/index.html
	@failed=0; \
	$(BIN)/mchepi run $(PARAMS) --jobs $(JOBS) --output outputs || failed=$$?; \
	if [ $$failed -gt 1 ]; then exit $$failed; fi; \
	$(BIN)/mchepi report outputs --site site && exit $$failed

test: $(READY) notebooks ## Run every test: unit, doctest, notebooks, a batch of three districts an analysis
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile

check: $(READY) ## Lint, types and data: ruff, mypy --strict, mchepi check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(BIN)/mchepi check data/published data/nc_sids data/national > /dev/null; \
	if [ $$? -gt 1 ]; then $(BIN)/mchepi check data/published data/nc_sids data/national; exit 2; fi

notebooks: $(READY) ## Run every notebook by hand's defaults and compare its numbers of record (nbval)
	JUPYTER_DEFAULT_PROVISIONER_NAME=mchepi MCHEPI_FORK_PRELOAD=$(WARM) \
	$(BIN)/python -m pytest --nbval-lax --nbval-current-env -p no:cacheprovider notebooks

bench: $(READY) ## Measure speed against named rivals (takes minutes)
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean: ## Remove what the verbs above made (.venv, outputs, site, caches)
	rm -rf $(VENV) outputs site build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
