# hop3-nix
# `make demo`, `make check` and `make test` are all that a newcomer needs; they install what is missing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo check test test-fresh lint bench fuzz reliability schema options
.PHONY: languages clean

BIN := .venv/bin
# As many at a time as there are processors; the tests of one file stay together, as they share
# what they build.
PYTEST := $(BIN)/pytest --numprocesses auto --dist loadfile

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup: ## Install what is missing: Nix, the Python environment, the package set's lock
	@scripts/setup run

setup-test:
	@scripts/setup test

demo: setup ## Build the Flask example with Nix, start it, fetch a page
	@scripts/demo

lint: setup-test ## Check style, types, import directions and shell scripts
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	MYPYPATH=$$(printf "%s:" nix/lib/languages/*/) $(BIN)/mypy
	$(BIN)/lint-imports
	shellcheck --external-sources --source-path=SCRIPTDIR \
	  $$(grep --files-with-matches '^#!.*bash' scripts/*) .ci/run $$(find nix src -name '*.sh')

check: lint ## Check what every commit has to pass: style, types, unit and golden tests
	$(PYTEST) tests/unit tests/golden

test: lint ## Run the whole test suite, real Nix included
	$(PYTEST)

test-fresh: setup-test ## Run `make demo` in a fresh Debian 12 (as root; minutes)
	$(BIN)/pytest -m fresh --log-cli-level=INFO

reliability: setup-test ## Make faults under load, and write docs/reliability.md
	PYTHONPATH=tests $(BIN)/python -m faults.run docs/reliability.md

fuzz: setup-test ## Fuzz every parser, 5,000 inputs each (hours; RUNS=500 for less)
	$(BIN)/pip install --quiet --group fuzz
	PYTHONPATH=tests:nix/lib/scripts $(BIN)/python -m fuzz.run $(RUNS)

bench: setup-test ## Measure against the bare tools, side by side in one run
	$(BIN)/python -m benchmarks

schema: setup ## Write docs/schema/ from the models
	$(BIN)/python -m hop3_nix.schema

options: setup ## Write docs/nixos-options.md from the NixOS module
	nix --extra-experimental-features nix-command eval --raw \
	  --file nix/nixos/options-page.nix >docs/nixos-options.md

languages: setup ## Write docs/languages.md from the tables of the languages
	$(BIN)/python -m hop3_nix.toolchains.page >docs/languages.md

clean: ## Remove what the other targets left in this directory
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
