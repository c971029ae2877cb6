# Everything here needs Python 3.11 or newer with its venv module, and nothing else.
# The first target that needs them makes .venv and installs what pyproject.toml asks for; later ones find it done.

MIN_PYTHON := 3, 11
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < ($(MIN_PYTHON)))' 2>/dev/null \
	&& { echo "$$python"; break; }; done)

VENV ?= .venv
BIN := $(VENV)/bin
# Two stamps, so that `make run` does not wait for the tools of development.
RUN_READY := $(VENV)/.ready-to-run
DEV_READY := $(VENV)/.ready-to-develop

SAMPLE ?= order
WORKERS ?= logical
# Real processes, sockets and browsers run in the suite, on machines that others use too. What has failed there is tried
# once more, by itself, and has to pass: both runs stand in the output, for somebody to look at. SECOND_LOOK= takes none.
SECOND_LOOK ?= yes

# A process that is through takes over half of what waits for another one: no core is idle while tests are left.
SHARED_OUT = -n $(WORKERS) --maxprocesses 8 --dist worksteal
# What Python and pytest have compiled is kept out of the tree, also where PYTHONDONTWRITEBYTECODE is set: tests start
# hundreds of processes, each of which would compile the program anew.
COMPILED = PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(abspath $(VENV))/compiled

# Textual reads this at import; screens that move make tests slow and pictures differ.
export TEXTUAL_ANIMATIONS := none

.DEFAULT_GOAL := help
.PHONY: help run test explore check docs coverage fidelity services budgets format snap bench lock clean

help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN_READY) ## open the debugger on a bundled sample (SAMPLE=saga for another one)
	@env -u TEXTUAL_ANIMATIONS $(BIN)/sfdebug demo $(SAMPLE)

test: $(DEV_READY) ## run the whole test suite (TESTS=tests/unit for a part of it, WORKERS=0 for one process)
	@$(COMPILED) $(BIN)/python -m pytest -q $(SHARED_OUT) $(TESTS) || { status=$$?; \
		[ $$status -eq 1 ] && [ -n "$(SECOND_LOOK)" ] || exit $$status; \
		echo; echo "== once more, by itself: what has failed"; \
		$(COMPILED) $(BIN)/python -m pytest -q --last-failed --last-failed-no-failures none $(TESTS); }

explore: $(DEV_READY) ## have property tests draw new examples, ten times as many (TESTS= for a part of them)
	@$(COMPILED) SFDEBUG_HYPOTHESIS=explore $(BIN)/python -m pytest -q $(SHARED_OUT) --timeout 3600 \
		$(if $(filter-out tests,$(TESTS)),$(TESTS),tests/property)

check: $(DEV_READY) ## lint, formatting, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

coverage: $(DEV_READY) ## measure which lines the tests run, with a report in htmlcov/ (TESTS= and WORKERS= as for test)
	@$(BIN)/coverage erase
	@status=0; $(COMPILED) $(BIN)/coverage run -m pytest -q $(SHARED_OUT) $(TESTS) || status=$$?; \
		$(BIN)/coverage combine --quiet && $(BIN)/coverage html --quiet && $(BIN)/coverage report && exit $$status

fidelity: $(DEV_READY) ## count the recorded cases that pass (RECORDINGS=folder for your own, WRITE=1 for the README's table)
	@$(BIN)/python -m tests.conformance.fidelity $(if $(WRITE),--write) $(if $(RECORDINGS),--recordings "$(RECORDINGS)")

services: $(DEV_READY) ## make the calls of services that AWS recorded (WRITE=1 for the table of docs/services.md)
	@$(BIN)/python -m tests.conformance.service_calls $(if $(WRITE),--write)

budgets: $(DEV_READY) ## count the calls, allocations and imports that tests hold to a budget (WRITE=1 to write it anew)
	@$(BIN)/python -m tests.performance $(if $(WRITE),--write)

format: $(DEV_READY) ## put the code into the shape that `make check` asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

snap: $(DEV_READY) ## write the pictures of the README from the running program
	@$(BIN)/python -m bench.pictures docs/pictures

docs: $(DEV_READY) ## write docs/API.md anew from the docstrings of the public names, docs/rules.md from lint's rules, docs/mistakes.md from what lessons know
	@$(BIN)/python -m bench.reference

bench: $(DEV_READY) ## measure speed, memory and start-up times
	@$(BIN)/python -m bench

lock: ## write constraints.txt anew from what pyproject.toml allows today
	@rm -rf $(VENV)-lock
	@$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check --upgrade -e '.[dev]'
	@{ sed -n '/^#/p' constraints.txt; \
		$(VENV)-lock/bin/python -m pip freeze --exclude-editable | grep -v -i -E '^(pip|setuptools|wheel)=='; } \
		> constraints.txt.new
	@mv constraints.txt.new constraints.txt && rm -rf $(VENV)-lock

clean: ## remove .venv and everything that tools have left behind
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache snapshot_report.html \
		.coverage .coverage.* htmlcov .nox
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { \
		echo "sfdebug needs Python 3.11 or newer with its venv module, and none was found on the PATH."; \
		echo "On Debian and Ubuntu: apt install python3-venv. Elsewhere: install Python from python.org,"; \
		echo "or say which one to use: make PYTHON=/path/to/python3 ..."; exit 1; } >&2
	@echo "Setting up $(VENV) with $(PYTHON) (once)..." >&2
	@$(PYTHON) -m venv $(VENV)

$(RUN_READY): pyproject.toml constraints.txt | $(VENV)/bin/python
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(DEV_READY): pyproject.toml constraints.txt | $(VENV)/bin/python
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(RUN_READY) $@
