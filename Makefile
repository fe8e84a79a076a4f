# Two commands: `make run` and `make test`. Everything else helps people who change the code.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT
# Compiled modules are kept beside the sources, whatever the shell says: the second start is much faster.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test check format messages lock clean

run: $(VENV)/.run  ## Serve the demo on http://127.0.0.1:8000, with the worker inside
	@MARKET_DEMO=$${MARKET_DEMO:-1} $(BIN)/python -m market web --with-worker

test: $(VENV)/.test  ## The whole suite: style, types, floors, rules, both databases, contracts, races, browser
	@$(BIN)/python -m tests.all

check: $(VENV)/.test  ## Style, types and floors only
	@$(BIN)/python -m tests.all --only-checks

format: $(VENV)/.test
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

messages: $(VENV)/.run  ## Collect the texts of code and templates into the catalogues
	@$(BIN)/python -m locales.collect

lock: $(VENV)/.run  ## Pin the dependencies again (pins and hashes, no addresses)
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv export --quiet --no-emit-project --no-header --no-annotate --extra s3 --format requirements-txt -o requirements.txt
	@$(BIN)/uv export --quiet --no-emit-project --no-header --no-annotate --extra s3 --extra test --format requirements-txt -o requirements-test.txt

$(VENV)/.run: requirements.txt
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-test.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@

clean:
	@rm -rf $(VENV) var .pytest_cache .ruff_cache .hypothesis .import_linter_cache
