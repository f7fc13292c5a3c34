# Photobank. `make` alone lists what there is. Everything lives in .venv, .web and the data folder; nothing is installed elsewhere,
# but for Chromium on a Debian machine where root runs the tests.

VENV := .venv
BIN := $(VENV)/bin
SOAK_STEPS ?= 2000
PYTEST_ARGS ?=
SPREAD := -n auto --dist loadscope --no-loadscope-reorder
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate

# Modules are compiled once, not at each of many starts, whatever the machine's habit is.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run serve test check soak mutants bench demo dev lock front-end gallery browser clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: $(VENV)/run.stamp front-end ## install what is needed, build the front end, start everything
	@exec $(BIN)/photobank serve

test: ## every check and every test, with all the set-up they need
	@$(MAKE) --no-print-directory $(VENV)/dev.stamp
	@$(MAKE) --no-print-directory -j3 check gallery browser
	$(BIN)/python -m pytest $(SPREAD) $(PYTEST_ARGS)

check: $(VENV)/dev.stamp ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(VENV)/dev.stamp ## the long randomised tests (SOAK_STEPS=N steps, a tenth as many worlds for each property)
	PHOTOBANK_TEST_STEPS=$(SOAK_STEPS) PHOTOBANK_TEST_EXAMPLES=$$(($(SOAK_STEPS) / 10 + 1)) $(BIN)/python -m pytest $(SPREAD) -m soak $(PYTEST_ARGS)

mutants: $(VENV)/dev.stamp ## break each rule of clearance in turn; some test must notice
	$(BIN)/python -m tests.clearance.mutants

bench: $(VENV)/dev.stamp ## one JSON line per benchmark, each beside a peer
	@$(BIN)/python -m photobank.runtime.frontend
	@$(BIN)/python -m benchmarks

demo: $(VENV)/run.stamp ## fill the library with invented people, consents and history
	@$(BIN)/photobank demo

dev: $(VENV)/dev.stamp ## serve, and start again when a source changes
	$(BIN)/watchfiles --grace-period 2 --sigint-timeout 20 "make --silent serve" photobank state components workers assets rxconfig.py

serve: front-end
	@exec $(BIN)/photobank serve

lock: $(VENV)/dev.stamp ## take newer packages within pyproject.toml, and write the locks
	$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	.ci/install dev
	$(BIN)/python -m photobank.runtime.frontend --update-lock

clean: ## remove what was installed and built; the data folder stays
	rm -rf $(VENV) .web .states assets/external build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

front-end: $(VENV)/run.stamp
	@$(BIN)/python -m photobank.runtime.frontend

gallery: $(VENV)/dev.stamp
	@$(BIN)/python -m photobank.runtime.frontend
	@$(BIN)/python -m tests.e2e.gallery.build

browser:
	@.ci/browser

$(VENV)/run.stamp: requirements.lock pyproject.toml .ci/install
	@.ci/install run

$(VENV)/dev.stamp: requirements.lock requirements-dev.lock pyproject.toml .ci/install
	@.ci/install dev
