# Three commands: `make issue` takes the sample letter the whole way, `make serve` serves an office, `make test` proves the rest.
PYTHON ?= python3.11
ifeq (, $(shell command -v $(PYTHON) 2>/dev/null))
PYTHON := python3
endif
VENV := .venv
BIN := $(VENV)/bin
OFFICE ?= office
SERVED ?= served-office
SAMPLE := config/sample_office

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help issue serve test check bench faults tampering checks hostile fix constraints clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/run: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(VENV)/bench: $(VENV)/run
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@

issue: $(VENV)/run ## take the sample draft through the whole flow, signed by the sample inspector
	$(BIN)/letters issue $(wildcard $(SAMPLE)/*.md) --office $(OFFICE) --register $(SAMPLE) --sign-as helmsley

serve: $(VENV)/run ## serve an office: Prefect with its pages, the signing page; Ctrl-C ends it
	@mkdir -p -m 700 $(SERVED) $(SERVED)/drafts && cp -n $(wildcard $(SAMPLE)/*.md) $(SERVED)/drafts/ || true
	$(BIN)/letters serve --office $(SERVED) --register $(SAMPLE)

export THOROUGH

test: $(VENV)/dev ## everything the tests need, then all tests; THOROUGH=1 kills at every moment
	@deploy/test-tools
	$(BIN)/python -m pytest -n 4

check: $(VENV)/dev ## lint, types, layering
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/dev ## format and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/bench ## measure, side by side in one run; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

LETTERS ?= 950
PREFECT_LETTERS ?= 50
S3_LETTERS ?= 60
SEED ?=
faults: $(VENV)/dev ## the crash campaign: SIGKILL and provider faults at random; writes docs/faults.md
	$(BIN)/python -m tests.faults.campaign --letters $(LETTERS) --prefect-letters $(PREFECT_LETTERS) --s3-letters $(S3_LETTERS) $(if $(SEED),--seed $(SEED))

tampering: $(VENV)/dev ## tamper with every object of an office; writes docs/tampering.md
	$(BIN)/python -m tests.archiving.tampering

checks: $(VENV)/dev ## plant faults in the real letters; writes docs/checks-measured.md
	$(BIN)/python -m tests.checks_measured

hostile: $(VENV)/dev ## read drafts that mean harm, watched; ends with 1 where one did
	$(BIN)/python -m tests.drafting.hostile

constraints: ## resolve all dependencies anew and pin them, without addresses
	$(PYTHON) -m venv build/resolve
	build/resolve/bin/pip install --quiet '.[dev,bench]'
	build/resolve/bin/pip freeze --exclude letter-issue | grep -E '^[A-Za-z0-9._-]+==' > constraints.txt
	rm -rf build/resolve

clean: ## remove what was installed and built; the office stays
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
