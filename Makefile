# The commands of this repository; `make help` lists them.

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
ARGS ?=

# A machine without a locale must not decide how we read our files.
export PYTHONUTF8 := 1

VENV := .venv/bin/python
LOCK := ../.venv-lock/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --upgrade --exclude-newer '7 days'
# How the tests are dealt out to these is in tests/conftest.py.
SPREAD := -n auto --maxprocesses 4

.PHONY: help install run story test check lock messages clean

help: ## Say what each command does
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

install: ## Make the environment .venv and nothing else
	@$(PYTHON) requirements/install.py runtime

run: install ## Run the whole desk with a demo (PORT=8000 HOST=127.0.0.1)
	@PORT='$(PORT)' HOST='$(HOST)' exec $(VENV) manage.py up

story: install ## Tell the running demo one problem at five doors, and check that it is one case
	@PORT='$(PORT)' HOST='$(HOST)' $(VENV) manage.py story $(ARGS)

test: ## Run the tests (ARGS="tests/tickets -k claim" for some of them)
	@$(PYTHON) requirements/install.py runtime test
	@$(VENV) -m pytest $(SPREAD) $(ARGS)

check: ## Do all that the build server does
	@$(PYTHON) requirements/install.py runtime test lint
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m mypy
	.venv/bin/python .venv/bin/lint-imports
	$(VENV) manage.py makemigrations --check --dry-run
	$(VENV) -m config.catalogues check
	$(VENV) requirements/audit.py
	@$(VENV) -m pytest $(SPREAD) $(ARGS)

messages: install ## Bring the translation catalogues in step with the texts
	@$(VENV) -m config.catalogues update

lock: ## Choose the newest packages (a week old or older) and lock them with hashes
	@$(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv==0.13.9
	@cd requirements && \
	$(LOCK) runtime.in -o runtime.txt && \
	$(LOCK) -c runtime.txt test.in -o test.txt && \
	$(LOCK) -c runtime.txt -c test.txt lint.in -o lint.txt

clean: ## Remove what was made here, but not the data in var/
	@rm -rf .venv .venv-lock .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find . -path ./.venv -prune -o -name '*.mo' -exec rm -f {} +
