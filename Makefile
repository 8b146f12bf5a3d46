# What one does with this repository; `make help` lists it.
#
# Needs Python 3.11 or later (say which with `make PYTHON=python3.12 …`), Node and a package
# registry. Everything is installed into .venv, each group of packages when a target first needs it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXAMPLE := examples/python-hello
EXTENSION := vscode-extension
LISTEN ?= 127.0.0.1:3000
PYTEST_ARGS ?= -q -n auto

# Build commands of manifests call `python3`; let it be the one chosen here.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup up test test-vscode lint format check conformance suite fuzz pictures bench clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(VENV)/.setup ## Install spindle into .venv

up: $(VENV)/.setup $(EXAMPLE)/app.wasm ## Build the example application and serve it
	$(BIN)/spindle up -f $(EXAMPLE) --listen $(LISTEN)

test: $(VENV)/.dev ## Run the tests
	$(BIN)/pytest $(PYTEST_ARGS)

test-vscode: $(VENV)/.dev $(EXTENSION)/node_modules/.done ## Run the tests of the VS Code extension, in a real one and a browser
	cd $(EXTENSION) && npm run check && npm test && npm run test-browser

lint: $(VENV)/.dev ## Check format, style, types and import contracts
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

check: lint test ## Everything a change must pass

conformance: $(VENV)/.setup ## Run the component model's own tests: make conformance SUITE=its test folder
	$(BIN)/spindle component wast $(SUITE) --expected tests/component/nyi.txt

suite: $(VENV)/.dev ## Run the tests that Spin's hosts share: make suite SUITE=their folder GUESTS=their components
	$(BIN)/python -m tests.spin_suite $(SUITE) $(GUESTS)

fuzz: $(VENV)/.dev ## Try RUNS mutants (1000 unless given) on each reader of binaries
	$(BIN)/python -m tests.fuzz --runs $(or $(RUNS),1000)

pictures: $(VENV)/.dev ## Run the example notebooks in JupyterLab in a browser, into FOLDER (build/pictures unless given)
	@$(UV_INSTALL) --group pictures
	$(BIN)/python -m tests.kernel.lab $(or $(FOLDER),build/pictures)

bench: $(VENV)/.dev $(VENV)/.bench ## Measure, side by side with `wasmtime serve`
	@$(BIN)/python -m compileall -q runtime
	$(BIN)/python -m benchmarks

$(EXTENSION)/node_modules/.done: $(EXTENSION)/package-lock.json
	cd $(EXTENSION) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

clean: ## Remove what was installed and cached here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(EXAMPLE)/app.wasm: $(EXAMPLE)/app.py $(EXAMPLE)/requirements.txt $(EXAMPLE)/spin.toml | $(VENV)/.setup
	$(BIN)/spindle build -f $(EXAMPLE)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "spindle needs Python 3.11 or later: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

UV_INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode

$(VENV)/.setup: pyproject.toml | $(BIN)/uv
	$(UV_INSTALL) -e .
	@$(BIN)/python -m compileall -q runtime
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.setup
	$(UV_INSTALL) -e '.[all]' --group dev
	@touch $@

$(VENV)/.bench: pyproject.toml | $(VENV)/.setup
	$(UV_INSTALL) --group bench
	@touch $@
