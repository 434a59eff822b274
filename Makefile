# Every command of the project. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help

# Where cargo puts what it builds.
BUILT := $(or $(CARGO_TARGET_DIR),target)$(addprefix /,$(CARGO_BUILD_TARGET))/debug

# `make run` keeps its data here, unless a flag or the environment names another folder.
run link: export SIGHTLINE_DATA ?= $(CURDIR)/.data

# The pages are embedded in the binary, so their bundle is built before cargo runs.
BUNDLE := web/dist/j.html
WEB_SOURCES := $(shell find web/src web/public web/*.html web/*.ts web/*.mjs web/*.json -type f 2>/dev/null)

# The packages that stories build. Alone they build only what they run. After a build of the whole workspace they must
# name all of it again: with fewer packages, dependencies get other features and would be compiled once more.
PACKAGES ?=
test: PACKAGES = --workspace --all-targets

# The parts of `make test`. CI runs and times them one by one.
WHOLE := web tidy rust stories

.PHONY: help run link test parts stories slow faults network network-smoke soak bench-codecs bench-relay capacity bench-chat bench-list bench-case cloud before rehearse figures web rust tidy audit sbom setup setup-build setup-cloud clean build-Publisher

help: ## lists these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: setup-build $(BUNDLE) ## runs everything in one process, prints the agent's sign-in link (LAN=1: for your phone; ARGS="--help")
	@cargo build --locked -p sightline-local
	@exec $(BUILT)/sightline serve $(if $(LAN),--lan=$(LAN)) $(ARGS)

link: ## prints another sign-in link for a running `make run`
	@$(BUILT)/sightline sign-in-link

test: setup $(WHOLE) ## the whole check

parts:
	@echo $(WHOLE)

stories: setup $(BUNDLE) tests/node_modules/.package-lock.json ## calls between two browsers (STORY=name: one file)
	@cargo build --locked $(or $(PACKAGES),-p sightline-local)
	@node tests/run.mjs stories $(STORY)

slow: setup $(BUNDLE) tests/node_modules/.package-lock.json ## slow stories: joins, strokes and pictures timed, a crash in a call
	@cargo build --locked $(or $(PACKAGES),-p sightline-local)
	@node tests/run.mjs slow $(STORY)

faults: setup $(BUNDLE) tests/node_modules/.package-lock.json ## plays faults against the real binary, prints a table (RUNS=30, SEED=, FAULT=)
	@cargo build --locked $(or $(PACKAGES),-p sightline-local)
	@node tests/faults/run.mjs $(if $(FAULT),"$(FAULT)")

fuzz: setup $(BUNDLE) ## throws changed bytes at every parser of outsiders' bytes (FUZZ_SECONDS=10 each)
	@node tests/rust.mjs fuzz

fuzz-nightly: setup $(BUNDLE) ## the same under cargo-fuzz, ten minutes each (TARGET=name; needs a nightly compiler)
	@tests/fuzz/nightly.sh

hostile-datagrams: setup $(BUNDLE) ## ten million hostile datagrams against a relay with twenty calls (DATAGRAMS=10000000)
	@SIGHTLINE_DATAGRAMS=$(or $(DATAGRAMS),10000000) cargo test --locked --profile relay -p sightline-room -p sightline-relay \
		--lib --test sockets hostile_datagrams -- --nocapture

hostile: setup $(BUNDLE) tests/node_modules/.package-lock.json ## plays a hostile guest beside three calls, every attack at once
	@cargo build --locked $(or $(PACKAGES),-p sightline-local -p sightline-hostile)
	@CALLS=3 SECONDS=3 TOGETHER=1 node tests/hostile/run.mjs desk

soak: setup $(BUNDLE) tests/node_modules/.package-lock.json ## joins and leaves at random against the desk; memory and files have to stay (MINUTES=30)
	@cargo build --locked $(or $(PACKAGES),-p sightline-local -p sightline-hostile)
	@node tests/hostile/soak.mjs

bench-hostile: setup setup-cloud $(BUNDLE) tests/node_modules/.package-lock.json ## one attack after the other beside 20 and 5 calls, in the relay's profile (ATTACK=, CALLS=, SECONDS=10)
	@cargo build --locked --profile relay -p sightline-local -p sightline-relay -p sightline-hostile
	@cargo build --locked $(or $(PACKAGES),-p sightline-aws -p sightline-gateway)
	@SIGHTLINE_PROFILE=relay node tests/hostile/run.mjs desk $(ATTACK)
	@SIGHTLINE_PROFILE=relay node tests/hostile/run.mjs gateway $(ATTACK)

network: setup $(BUNDLE) tests/node_modules/.package-lock.json ## calls over bad networks, a table with aims beside it (CELLS= RUNS=3 SEED=)
	@python3 -m unittest discover --quiet --start-directory tests/network
	@cargo build --locked $(or $(PACKAGES),-p sightline-local)
	@node tests/network/run.mjs

bench-relay: setup-build ## what a packet costs a null relay, bare str0m, ours and Janus where it is installed, in the relay's profile (CALLS=50 ROUNDS=3 SECONDS=10)
	@cargo bench --locked --profile relay -p sightline-relay --bench cost -- measure

capacity: setup-build ## calls that one virtual CPU of this machine carries (CALLS=50 SECONDS=10)
	@cargo bench --locked --profile relay -p sightline-relay --bench cost -- capacity

network-smoke: setup $(BUNDLE) tests/node_modules/.package-lock.json ## five of these calls, shorter, through a proxy on loopback
	@cargo build --locked $(or $(PACKAGES),-p sightline-local)
	@PROXY=1 SECONDS=10 CELLS=up-loss-20,view-loss-20,view-400k,up-300k,blackout-3s node tests/network/run.mjs

bench-codecs: setup tests/node_modules/.package-lock.json ## what VP8, VP9 and H.264 make of the same clip on the same thin link
	@node tests/network/codecs.mjs

bench-chat: setup $(BUNDLE) tests/node_modules/.package-lock.json ## what a chat of 20, 2,000 and 28,000 lines costs the agent's page
	@cargo build --locked $(or $(PACKAGES),-p sightline-local)
	@node tests/run.mjs bench chat-cost

bench-list: setup setup-cloud $(BUNDLE) ## how long lists, searches and filters take with 10,000 calls, on the desk and with the emulator (CALLS=10000)
	@cargo test --locked $(or $(PACKAGES),-p sightline-local) --lib bench_list -- --ignored --nocapture
	@cargo test --locked $(or $(PACKAGES),-p sightline-aws) --test it bench_list -- --ignored --nocapture

bench-case: setup $(BUNDLE) ## what a case file of 20 and of 150 pictures costs the desk: time, memory
	@cargo test --locked $(or $(PACKAGES),-p sightline-local) --lib bench_case -- --ignored --nocapture

cloud: setup $(BUNDLE) tests/node_modules/.package-lock.json ## stories through the real functions, on this machine (STORY=name)
	@cargo build --locked $(or $(PACKAGES),-p sightline-local -p sightline-aws -p sightline-gateway -p sightline-relay -p sightline-hostile)
	@node tests/run.mjs cloud $(STORY)

before: setup setup-cloud $(BUNDLE) tests/node_modules/.package-lock.json ## calls in which the version before and this one meet, through an update and back
	@cargo build --locked $(or $(PACKAGES),-p sightline-local -p sightline-aws -p sightline-gateway -p sightline-relay)
	@SIGHTLINE_BEFORE="$$(tests/before/build.sh)" node tests/run.mjs before $(STORY)

rehearse: setup-cloud $(BUNDLE) ## validates, builds, deploys into an emulator, checks the result
	@.venv/stack/bin/python tests/cloud/rehearse.py $(ARGS)
	@.venv/stack/bin/python tests/cloud/figures.py --smoke

figures: setup-cloud ## sizes, start times and costs of the last build for the cloud
	@.venv/stack/bin/python tests/cloud/figures.py $(ARGS)

web: setup-build web/node_modules/.package-lock.json ## checks the pages: format, lints, types, tests, bundle, size
	@web/node_modules/.bin/biome format
	@web/node_modules/.bin/biome lint
	@npm --prefix web run --silent check
	@npm --prefix web run --silent test
	@$(MAKE) --no-print-directory $(BUNDLE)
	@npm --prefix web run --silent size

rust: setup $(BUNDLE) ## checks the crates: format, lints, tests (including stale TypeScript)
	@cargo fmt --all --check
	@node tests/rust.mjs

audit: setup web/node_modules/.package-lock.json tests/node_modules/.package-lock.json ## asks for advisories on what others made, and for its signatures
	@node infra/audit.mjs

sbom: setup-build ## writes the bill of materials (CycloneDX) to sightline.cdx.json
	@node infra/sbom.mjs >sightline.cdx.json

tidy: ## checks the project's own rules
	@node tests/run.mjs tidy

setup: setup-build ## installs missing tools for building and testing
	@infra/setup.sh test

setup-cloud:
	@infra/setup.sh cloud

setup-build:
	@infra/setup.sh build

clean: ## removes everything that was built
	rm -rf target .aws-sam web/dist web/node_modules tests/node_modules tests/pictures

$(BUNDLE): web/node_modules/.package-lock.json $(WEB_SOURCES)
	@npm --prefix web run --silent build
	@touch $@

# npm writes this file last, so it is as new as what is installed.
%/node_modules/.package-lock.json: %/package-lock.json %/package.json
	@npm --prefix $* ci --loglevel=error --no-fund --no-audit
	@touch $@

# `sam build` runs this target for the function `Publisher`, which installs relay and pages in an account. The pages are
# inside its binary. The relay is beside it, linked statically, because its image holds nothing else.
build-Publisher: $(BUNDLE)
	@infra/publisher/build.sh "$(ARTIFACTS_DIR)"
