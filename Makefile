# README's two commands are `make drill` and `make test`; each makes what it needs. `make pr` runs every check.
.DEFAULT_GOAL := help
.PHONY: help drill test browser chaos preview pr format lint types imports catalogues bench layer lock clean
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready-$(shell cat requirements/dev.txt requirements/uv.txt | cksum | cut -d' ' -f1)
STACK ?= prod
PLATFORM ?= host

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version + ". Say which with PYTHON=...")'
	@echo "making the virtual environment .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/.venv/bin/python" -m console "$$@"\n' "$$PWD" "$$PWD" > $(BIN)/stackmend
	@chmod +x $(BIN)/stackmend
	@rm -f .venv/.ready-*
	@touch $@

drill: $(READY) layer ## start the sandbox, deploy, break stacks, watch them repaired, print the verdict
	@$(BIN)/stackmend drill run

test: $(READY) layer browser ## run every test; ends in pytest's summary
	@$(BIN)/python -m layer.build --platform arm64
	@$(BIN)/python -m sandbox.engine
	@$(BIN)/python -m pytest

browser: # Debian's chromium, in which a test opens the report's page; where it may not be installed, that test says it was skipped
	@command -v chromium chromium-browser google-chrome >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		timeout 60 apt-get -qq update && timeout 300 apt-get -qq install -y --no-install-recommends chromium; } >/dev/null 2>&1 || \
		echo "no chromium, and it cannot be installed here: the report's page is not tried in a browser"

chaos: $(READY) layer ## kill a function at every AWS call of a recovery, before and after it, and see every end a good one
	@$(BIN)/stackmend drill kill-anywhere

preview: $(READY) ## preview STACK=prod|staging|prod-hub|... through the real engine and the policy pack; creates nothing
	@$(BIN)/python -m layer.build --platform arm64
	@$(BIN)/python -m sandbox.preview $(STACK)

layer: $(READY) ## build the functions' layer for PLATFORM=host|arm64|x86_64; host is what the sandbox's functions run on
	@$(BIN)/python -m layer.build --platform $(PLATFORM)

pr: format lint types imports catalogues test preview ## everything that a change must pass

format: $(READY)
	@$(BIN)/ruff format .

lint: $(READY)
	@$(BIN)/ruff check .

types: $(READY)
	@$(BIN)/mypy .

imports: $(READY)
	@$(BIN)/lint-imports

catalogues: $(READY) ## write the pages that are generated from code
	@$(BIN)/python -m policies.catalogue
	@$(BIN)/python -m components.settings_page

bench: $(READY) layer ## measure diagnosis, the order of many recoveries, and a cell: cost and speed of a recovery, an idle month
	@$(BIN)/python -m bench

lock: $(READY) ## pin the dependencies anew, with hashes and without addresses
	@for name in uv lambda run dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header requirements/$$name.in -o requirements/$$name.txt; done

clean: ## remove what was built here
	@rm -rf .venv build reports .pytest_cache .mypy_cache .ruff_cache .hypothesis
