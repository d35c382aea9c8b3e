# What one types; each target is a line or two. `make` alone lists them.

CACHE := $(if $(HOME),$(HOME)/.cache,$(CURDIR)/target)/trailhouse
CARGO_TARGET_DIR ?= $(CACHE)/target
DEMO_LAKE ?= $(CACHE)/demo-lake
# A changed snapshot fails a test; it is not written beside the old one.
INSTA_UPDATE ?= no
STAND_IN := infra/stand-in
STAND_IN_VENV := $(CACHE)/stand-in-venv
TRAILHOUSE_STAND_IN_PYTHON ?= $(STAND_IN_VENV)/bin/python
export CARGO_TARGET_DIR DEMO_LAKE INSTA_UPDATE TRAILHOUSE_STAND_IN_PYTHON

CARGO := cargo
LOCKED := --locked
# Folders of tests that judge one crate alone; those of the others need a lake, a process or both. Tests are named one
# by one because choosing packages instead would choose other features of the dependencies, and build those again.
tests_of = $(sort $(notdir $(patsubst %/main.rs,%,$(basename $(wildcard $(1:%=%/tests/*.rs))) $(wildcard $(1:%=%/tests/*/main.rs)))))
ALONE := schemas etl/core etl/core/fuzz
TOGETHER := lake etl dashboard/query cli testdata benches infra/stand-in/client

.PHONY: help here demo check fmt clippy deny unit test integration soak fuzz bench bench-peers clean-lake
.PHONY: stand-in stand-in-venv lint-stand-in test-stand-in

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

# Tests know where their sources lie. Those that another clone built into the same folder look for them there, and cargo
# does not notice: what this clone has not built is built again, but for the dependencies.
here:
	@mkdir -p "$(CARGO_TARGET_DIR)"
	@test "$$(cat "$(CARGO_TARGET_DIR)/built-in" 2>/dev/null)" = "$(CURDIR)" || { \
	find . -name '*.rs' -not -path './target/*' -exec touch -c {} +; echo "$(CURDIR)" > "$(CARGO_TARGET_DIR)/built-in"; }

demo: here ## build, ingest testdata/ into a fresh lake, ask it three incident-response questions
	$(CARGO) build $(LOCKED) -p trailhouse -p trailhouse-testdata
	@demo/run "$(CARGO_TARGET_DIR)/debug/trailhouse" testdata/cloudtrail "$(DEMO_LAKE)"

check: fmt clippy lint-stand-in deny unit ## formatting, lints, dependencies, unit and oracle tests

test: check integration test-stand-in ## everything that must pass before a change goes in; what CI runs

fmt: ## formatting
	@if $(CARGO) fmt --version >/dev/null 2>&1; then $(CARGO) fmt --all --check; \
	else echo "SKIPPED fmt: rustfmt is not installed (rustup component add rustfmt)"; fi

clippy: here ## lints, warnings being errors
	@if $(CARGO) clippy --version >/dev/null 2>&1; then \
	$(CARGO) clippy $(LOCKED) --workspace --all-targets -- -D warnings; \
	else echo "SKIPPED clippy: it is not installed (rustup component add clippy)"; fi

deny: ## bans, licences and sources of dependencies
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny $(LOCKED) check bans licenses sources; \
	else echo "SKIPPED deny: cargo-deny is not installed (cargo install cargo-deny)"; fi

unit: here ## unit tests, fences, oracle
	$(CARGO) test $(LOCKED) --workspace --lib --bins $(addprefix --test ,$(call tests_of,$(ALONE)))

integration: here stand-in-venv ## tests of crates together and of the binary
	$(CARGO) test $(LOCKED) --workspace $(addprefix --test ,$(call tests_of,$(TOGETHER)))
	$(CARGO) test $(LOCKED) --workspace --doc

soak: here stand-in-venv ## two and a half hours: ignored tests and many cases in release mode, other engines, peers, fuzzing
	PROPTEST_CASES=20000 FUZZ_CASES=20000 $(CARGO) test $(LOCKED) --workspace --release -- --include-ignored
	$(CARGO) build $(LOCKED) --release -p trailhouse -p trailhouse-testdata
	benches/engines.py
	benches/peers/run.py --fail-above 0.333
	benches/peers/run.py --format vpc-flow --fail-above 0.4
	TRAILHOUSE_STAND_IN_CYCLES=100 $(MAKE) test-stand-in
	$(MAKE) fuzz

fuzz: here ## readers, and the way back from rows, under libFuzzer: ten minutes a target (FUZZ_SECONDS), 90 in all
	@if c++ --version >/dev/null 2>&1; then etl/core/fuzz/run "$(CARGO_TARGET_DIR)/fuzz"; \
	else echo "SKIPPED fuzz: there is no C++ compiler, which libFuzzer is built by"; fi

stand-in: stand-in-venv ## AWS on one loopback port, until Ctrl-C
	@cd $(STAND_IN) && exec $(TRAILHOUSE_STAND_IN_PYTHON) -m stand_in

stand-in-venv: $(STAND_IN_VENV)/requirements.txt ## the Python that the stand-in runs on, from its registry

# Copied last, so that an interrupted installation is done again.
$(STAND_IN_VENV)/requirements.txt: $(STAND_IN)/requirements.txt
	python3 -m venv --clear $(STAND_IN_VENV)
	$(STAND_IN_VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	cp $< $@

lint-stand-in: stand-in-venv ## formatting and lints of Python
	cd $(STAND_IN) && $(TRAILHOUSE_STAND_IN_PYTHON) -m ruff format --check . && $(TRAILHOUSE_STAND_IN_PYTHON) -m ruff check .

test-stand-in: here stand-in-venv ## the stand-in does what its README says, with a Lambda in Rust
	$(CARGO) build $(LOCKED) --workspace --bin hello-lambda --bin etl-lambda --bin trailhouse
	cd $(STAND_IN) && TRAILHOUSE_HELLO_LAMBDA="$(CARGO_TARGET_DIR)/debug/hello-lambda" \
	TRAILHOUSE_ETL_LAMBDA="$(CARGO_TARGET_DIR)/debug/etl-lambda" TRAILHOUSE_CLI="$(CARGO_TARGET_DIR)/debug/trailhouse" \
	$(TRAILHOUSE_STAND_IN_PYTHON) -m pytest -q -p no:cacheprovider

bench: ## criterion, stage by stage and end to end
	$(CARGO) bench $(LOCKED) -p trailhouse-benches

bench-peers: ## the same corpora through trailhouse, ClickHouse and DuckDB
	$(CARGO) build $(LOCKED) --release -p trailhouse -p trailhouse-testdata
	benches/peers/run.py
	benches/peers/run.py --format vpc-flow

clean-lake: ## remove the lake that `make demo` made
	@demo/clean.sh "$(DEMO_LAKE)"
