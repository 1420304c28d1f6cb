# One line each: CONTRIBUTING.md says more. Every target is safe to repeat.
.DEFAULT_GOAL := build
.PHONY: help deps test-deps toolchain build run test lint format bench bench-sftp bench-parse bench-tables bench-workbooks bench-reconcile kill-test soak world fuzz clean
MAKEFLAGS += --no-print-directory

# the toolchain: in PATH, or where it is usually unpacked
SWIFT := $(firstword $(shell command -v swift 2>/dev/null) $(wildcard /opt/swift/usr/bin/swift /usr/local/swift/usr/bin/swift \
	/usr/share/swift/usr/bin/swift /usr/libexec/swift/bin/swift $(HOME)/.local/share/swiftly/bin/swift $(HOME)/swift/usr/bin/swift) no-swift)
export PATH := $(patsubst %/,%,$(dir $(SWIFT))):$(PATH)
SWIFT_SOURCES := Package.swift Sources Tests Benchmarks Fuzzing
BINARY := .build/release/remitd

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install the missing Debian packages that building needs, and nothing else
	@scripts/deps build

test-deps: ## the same, with what only tests and the benchmark need
	@scripts/deps test

toolchain:
	@command -v $(SWIFT) >/dev/null || { echo "no Swift toolchain found: put swift into PATH (https://www.swift.org/install/linux)" >&2; exit 1; }

build: deps toolchain ## release build
	@scripts/build

run: deps toolchain ## build, create a demo in .demo/, run the daemon on it in the foreground; Ctrl-C stops it
	@scripts/build
	@scripts/demo .demo
	@exec $(BINARY) run --foreground --config .demo/remitd.yaml

test: test-deps toolchain ## lint, build, run every test; ends with "N passed, N failed"
	@scripts/test

lint: toolchain ## formatting, and imports against Package.swift
	$(SWIFT) format lint --strict --recursive $(SWIFT_SOURCES)
	@scripts/lint-imports

format: toolchain ## format all Swift sources in place
	$(SWIFT) format --in-place --recursive $(SWIFT_SOURCES)

bench: test-deps build ## a million invoices and a million remittance lines against bare sqlite3 .import (BENCH= options)
	$(SWIFT) build -c release --package-path Benchmarks --scratch-path .build-bench/build --product workload
	@Benchmarks/measure $(BENCH)

bench-sftp: test-deps build ## an SFTP inbox against OpenSSH's sftp and lftp (BENCH= options)
	@Benchmarks/sftp --binary $(BINARY) $(BENCH)

bench-parse: build ## reading alone, against wc -l and EDI parsers in Python (BENCH= options)
	@Benchmarks/parse --binary $(BINARY) $(BENCH)

bench-tables: build ## tables alone, against DuckDB and pandas (BENCH= options)
	@Benchmarks/tables --binary $(BINARY) $(BENCH)

bench-workbooks: build ## reading workbooks alone, beside openpyxl and python-calamine (BENCH= options)
	@Benchmarks/workbooks --binary $(BINARY) $(BENCH)

bench-reconcile: build ## judging a ledger of a million invoices, beside SQL in DuckDB (BENCH= options)
	@Benchmarks/reconcile --binary $(BINARY) $(BENCH)

kill-test: test-deps build ## kill -9 at 200 random moments, then count (KILL= options)
	@Tests/Faults/kill_test.py --binary $(BINARY) $(KILL)

soak: test-deps build ## SFTP inboxes while writers write and the network fails (SOAK= options)
	@Tests/Faults/soak.py --binary $(BINARY) $(SOAK)

world: test-deps build ## the generated world in ../shared against its truth, if it is there
	@scripts/world

fuzz: build ## libFuzzer on the readers of X12, EDIFACT, workbooks, mails and tables; crashers are kept as tests (FUZZ="SECONDS [READER]…")
	@scripts/fuzz $(FUZZ)

clean: ## remove what was built and the demo
	rm -rf .build .build-bench .build-fuzz .demo
