# Estran's workshop. Needs Python 3.11, make, and nothing else: `make demo` fetches the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN    := .venv/bin
NPM    := tools/npm
# Playwright brings a Node of its own, which lacks a library on a bare Debian: ours runs everywhere.
BROWSER = chromium=$$(tools/find-chromium); node=$$(tools/find-node)/node; \
          export ESTRAN_CHROMIUM=$$chromium PLAYWRIGHT_NODEJS_PATH=$$node;
# Two at a time: as many as the smallest machine has cores. In their order: the longest files, journeys, are then not the last.
PYTEST  = $(BROWSER) $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# Stamps say when a step was last done; they live beside what they speak of, and vanish with it.
PYTHON_READY := .venv/.ready
NODE_READY   := node_modules/.ready
WEB_READY    := build/web.ready

WEB_SOURCES := server/estran/web/static/colours.css tsconfig.base.json package-lock.json $(wildcard */vite.config.ts */index.html */tsconfig.json) \
               $(shell find kit/src pwa/src pwa/public partners/src partners/public -type f 2>/dev/null)

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- make it run ------------------------------------------------------------------------------

.PHONY: demo
demo: setup build ## A filled example on http://127.0.0.1:8000 (state in var/demo)
	@exec $(BIN)/estran demo

.PHONY: demo-reset
demo-reset: setup ## Forget the example's state
	@$(BIN)/estran demo --wipe

.PHONY: run
run: setup build ## The server, set up by ESTRAN_* variables
	@exec $(BIN)/estran run

.PHONY: setup
setup: $(PYTHON_READY) $(NODE_READY) ## Tools and libraries, at the locked versions

$(PYTHON_READY): requirements-dev.lock pyproject.toml tools/setup-python
	tools/setup-python
	@touch $@

$(NODE_READY): package-lock.json package.json kit/package.json pwa/package.json partners/package.json | $(PYTHON_READY)
	$(NPM) ci
	@touch $@

.PHONY: build
build: setup $(WEB_READY) ## Both front ends, if their sources changed

# Without its output a stamp is worth nothing.
ifeq ($(and $(wildcard server/estran/static/pass/sw.js),$(wildcard server/estran/static/scan/sw.js)),)
.PHONY: $(WEB_READY)
endif

$(WEB_READY): $(WEB_SOURCES) $(NODE_READY)
	$(NPM) run build
	@mkdir -p $(@D) && touch $@

.PHONY: wheel
wheel: setup build ## All that a server needs, into dist/: the wheel with both apps, its locked libraries, deploy/
	rm -rf dist && mkdir dist
	$(BIN)/uv build --wheel --no-build-isolation --python $(BIN)/python --out-dir dist
	rm -f dist/.gitignore
	cp -r requirements.lock deploy dist/

# --- keep it right ----------------------------------------------------------------------------

.PHONY: test
test: lint types vitest build ## Everything: lint, types, imports, vitest, pytest with PostgreSQL and journeys
	$(PYTEST)

.PHONY: test-all
test-all: lint types vitest build ## As test, and what takes minutes
	tools/find-engines
	$(PYTEST) -m ''
	@$(MAKE) test-serializable

.PHONY: test-serializable
test-serializable: setup build ## PostgreSQL's tests, every statement SERIALIZABLE: a stand-in for CockroachDB
	TEST_ISOLATION=serializable $(PYTEST) -k postgres -m 'not journey'

.PHONY: bench
bench: setup build ## Measure against the bars of docs/benchmarks.md
	@$(BROWSER) exec $(BIN)/python -m bench

.PHONY: bench-quick
bench-quick: setup build ## The same within a minute: fewer rounds, no long parts
	@$(BROWSER) exec $(BIN)/python -m bench --quick

.PHONY: pictures
pictures: setup build ## The guide's pictures, taken from the demonstration
	@$(BROWSER) exec $(BIN)/python tools/make-pictures

.PHONY: lighthouse
lighthouse: setup build ## Lighthouse's mobile preset on public page, pass, scanner and desk, against its bars
	@tools/lighthouse/run

.PHONY: lint
lint: setup ## Style and imports, Python and web
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --config pyproject.toml
	$(NPM) run lint

.PHONY: types
types: setup ## mypy and svelte-check, both strict
	$(BIN)/mypy
	$(NPM) run check

.PHONY: vitest
vitest: setup ## Tests of the front ends, without a browser
	$(NPM) test

.PHONY: format
format: setup ## Rewrite the sources in the house's style
	$(BIN)/ruff check --fix-only --exit-zero --quiet
	$(BIN)/ruff format
	$(NPM) run format

.PHONY: lock
lock: $(PYTHON_READY) ## Write the lock files anew (after editing pyproject.toml or package.json)
	tools/lock

.PHONY: clean
clean: ## Remove all that was made, but not var/
	rm -rf .venv node_modules build dist server/estran/static/pass server/estran/static/scan
