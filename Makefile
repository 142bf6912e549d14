# Every command of the project. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SQL := $(shell find models tests -name '*.sql')
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
SPARK := $(VENV)/.spark
SUPERSET := $(VENV)/superset
INSTALL := install --quiet --disable-pip-version-check --require-hashes --no-deps

export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.DEFAULT_GOAL := help
.PHONY: help build test coverage test-superset proof dirty-exports faults bench check load-report sql backup extract serve clean lock \
	.browser .java .check-sql .check-dbt .check-python

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

build: $(RUNTIME) ## load the exports (the demo company's when there are none), build, publish, document
	@$(BIN)/python scripts/pipeline.py --demo-when-empty

# three workers for two cores: at most times one of them waits for a browser, a disk or a process it has killed
test: $(DEVELOPMENT) $(SPARK) .browser .java ## everything the tests need, then all tests
	@$(BIN)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder

coverage: $(DEVELOPMENT) $(SPARK) .browser .java ## all tests, and which lines and branches of scripts/ they never take
	@mkdir -p $(VENV)/coverage && rm -f $(VENV)/coverage/*
	@$(BIN)/coverage run -m pytest -n 2 --dist loadgroup --no-loadscope-reorder
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report

# the dashboards are tested in a browser: where it can be installed it is, else the tests say what they skip
.browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit; done; \
	[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	&& echo "installing Chromium for the tests of the dashboards" \
	&& { apt-get update && apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 \
	|| echo "Chromium is not there and could not be installed: the tests of the dashboards will say they are skipped"

# the target `spark` needs Java: where it can be installed it is, else its tests say what they skip
.java:
	@command -v java >/dev/null && exit; \
	[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	&& echo "installing Java for the tests of the target spark" \
	&& { apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless; } >/dev/null 2>&1 \
	|| echo "Java is not there and could not be installed: the tests of the target spark will say they are skipped"

test-superset: $(DEVELOPMENT) $(SUPERSET)/.installed ## the dashboards of bi/superset in a real Superset on a real PostgreSQL; minutes
	@$(BIN)/python -m pytest tests/python/superset_dashboards.py

proof: $(DEVELOPMENT) $(SPARK) .browser .java ## longer campaigns: 19 more demo companies against their truth, every pair of systems, more kills; goes on where it was stopped
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder -m proof --campaigns=$(VENV)/campaigns.jsonl $(ONLY)

dirty-exports: $(DEVELOPMENT) ## what becomes of spoilt exports, as a table in docs/guides
	@PYTHONPATH=scripts $(BIN)/python tests/python/dirty_exports.py

faults: $(DEVELOPMENT) ## what becomes of faults in the exports, as a table in docs/guides; minutes
	@PYTHONPATH=scripts $(BIN)/python tests/python/faults.py

bench: $(DEVELOPMENT) ## speed and memory: loading, gate, publishing, then the whole pipeline at S and M, as tables in docs; an hour
	@$(BIN)/python scripts/bench.py

check: $(DEVELOPMENT) ## lint, architecture rules, types; half a minute
	@$(MAKE) --no-print-directory --output-sync --jobs 2 .check-sql .check-dbt .check-python

.check-sql: $(VENV)/.linted

# files that changed since the last clean lint; all of them when the rules or a macro did
$(VENV)/.linted: $(SQL) .sqlfluff $(wildcard macros/*.sql macros/*/*.sql) requirements-dev.txt
	@$(BIN)/sqlfluff lint $(if $(filter-out $(SQL),$?),models tests,$?) --disable-progress-bar >$(VENV)/sqlfluff.log 2>&1 \
	|| { cat $(VENV)/sqlfluff.log; exit 1; }
	@touch $@

.check-dbt:
	@$(BIN)/dbt --quiet --warn-error parse && $(BIN)/dbt-bouncer run --output-only-failures

.check-python:
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet . && $(BIN)/mypy scripts
	@$(BIN)/python -m pytest tests/python/test_conventions.py

extract: $(RUNTIME) ## pull the systems whose source.yml says so through their APIs
	@$(BIN)/python scripts/extract.py

load-report: $(RUNTIME) ## what became of every file: rows read, stored, rejected, and why
	@$(BIN)/python scripts/load_report.py

sql: $(RUNTIME) ## a DuckDB shell on the last accepted build, raw attached, read-only
	@$(BIN)/python scripts/sql.py

backup: $(RUNTIME) ## what cannot be made again into a dated archive in backups/, read back; scripts/backup.py --restore undoes it
	@$(BIN)/python scripts/backup.py

serve: $(RUNTIME) ## the publication in a browser, on this machine alone; prints the address
	@$(BIN)/python scripts/serve.py

clean: $(RUNTIME) ## forget the demo company: its exports, warehouse and publications; never those of a real one
	@$(BIN)/python scripts/demo.py --forget

lock: $(DEVELOPMENT) ## pin the dependencies of pyproject.toml anew
	@$(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile $(LOCK) -c requirements.txt --group dev pyproject.toml -o requirements-dev.txt
	@$(BIN)/uv pip compile $(LOCK) -c requirements-dev.txt --group spark -o requirements-spark.txt
	@$(BIN)/uv pip compile $(LOCK) --group superset -o requirements-superset.txt

LOCK := -q --no-header --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-annotate \
	--no-emit-index-url --no-emit-find-links

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	|| { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt | $(VENV)/bin/python
	@echo "installing what the pipeline needs"
	@$(BIN)/pip $(INSTALL) -r requirements.txt && touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "installing what development and tests need"
	@$(BIN)/pip $(INSTALL) -r requirements-dev.txt && touch $(RUNTIME) $@

$(SPARK): requirements-spark.txt | $(DEVELOPMENT)
	@echo "installing what the target spark needs"
	@$(BIN)/pip $(INSTALL) -r requirements-spark.txt && touch $@

$(SUPERSET)/.installed: requirements-superset.txt | $(VENV)/bin/python
	@echo "installing Superset into an environment of its own"
	@$(BIN)/python -m venv $(SUPERSET) && $(SUPERSET)/bin/pip $(INSTALL) -r requirements-superset.txt && touch $@
