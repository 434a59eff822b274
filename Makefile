# Every command of the house. `make help` tells them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help

# `make run` keeps its data here unless a flag or the environment says otherwise.
run link: export SIGHTLINE_DATA ?= $(CURDIR)/.data

# The page's bundle is embedded in the binary, so it is built before cargo runs.
BUNDLE := web/dist/j.html
WEB_SOURCES := $(shell find web/src web/public web/*.html web/*.ts web/*.mjs web/*.json -type f 2>/dev/null)

# What stories build: by themselves only what they run. Where the whole workspace was built before, it says so here, since with
# fewer packages their dependencies have other features and would be compiled anew.
PACKAGES ?=
test: PACKAGES = --workspace --all-targets

.PHONY: help run link test stories slow cloud rehearse figures web rust tidy setup setup-build setup-cloud clean build-Publisher

help: ## these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: setup-build $(BUNDLE) ## starts everything in one process and prints the agent's sign-in link (ARGS="--help" lists flags)
	@cargo build --locked -p sightline-local
	@exec target/debug/sightline serve $(ARGS)

link: ## prints another sign-in link for what `make run` started
	@target/debug/sightline sign-in-link

test: setup web tidy rust stories ## the whole check

stories: setup $(BUNDLE) tests/node_modules/.package-lock.json ## calls between two browsers (STORY=name runs one file)
	@cargo build --locked $(or $(PACKAGES),-p sightline-local)
	@node tests/run.mjs stories $(STORY)

slow: setup $(BUNDLE) tests/node_modules/.package-lock.json ## the checks that take minutes: joins, strokes and pictures timed, a crash in a call
	@cargo build --locked $(or $(PACKAGES),-p sightline-local)
	@node tests/run.mjs slow $(STORY)

cloud: setup $(BUNDLE) tests/node_modules/.package-lock.json ## the stories through the functions that are deployed, on this machine (STORY=name)
	@cargo build --locked $(or $(PACKAGES),-p sightline-local -p sightline-aws -p sightline-gateway -p sightline-relay)
	@node tests/run.mjs cloud $(STORY)

rehearse: setup-cloud $(BUNDLE) ## validates, builds, deploys into an emulator, and looks at what stands there
	@.venv/stack/bin/python tests/cloud/rehearse.py $(ARGS)
	@.venv/stack/bin/python tests/cloud/figures.py --smoke

figures: setup-cloud ## sizes, starts, what a line of chat costs, what a month costs; of what was built last for the cloud
	@.venv/stack/bin/python tests/cloud/figures.py $(ARGS)

web: setup-build web/node_modules/.package-lock.json ## the pages: types, tests, bundle, size
	@web/node_modules/.bin/biome format
	@npm --prefix web run --silent check
	@npm --prefix web run --silent test
	@$(MAKE) --no-print-directory $(BUNDLE)
	@npm --prefix web run --silent size

rust: setup $(BUNDLE) ## the crates: format, lints, tests (stale TypeScript is among them)
	@cargo fmt --all --check
	@cargo clippy --locked --workspace --all-targets -- -D warnings
	@cargo test --locked --workspace

tidy: ## the house's own rules, as far as a program can see them
	@node tests/run.mjs tidy

setup: setup-build ## installs what building and testing need, if it is missing
	@infra/setup.sh test

setup-cloud:
	@infra/setup.sh cloud

setup-build:
	@infra/setup.sh build

clean: ## removes what was built
	rm -rf target .aws-sam web/dist web/node_modules tests/node_modules tests/pictures

$(BUNDLE): web/node_modules/.package-lock.json $(WEB_SOURCES)
	@npm --prefix web run --silent build
	@touch $@

# npm writes this file last, so it is as new as what is installed.
%/node_modules/.package-lock.json: %/package-lock.json %/package.json
	@npm --prefix $* ci --loglevel=error --no-fund --no-audit
	@touch $@

# What `sam build` asks for the function `Publisher`, which carries the relay and the pages into an account. The page is
# inside its binary, the relay beside it: linked statically, since its image holds nothing else.
build-Publisher: $(BUNDLE)
	@infra/publisher/build.sh "$(ARTIFACTS_DIR)"
