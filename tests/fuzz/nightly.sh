#!/usr/bin/env bash
# Runs the fuzz targets under cargo-fuzz, each for FUZZ_SECONDS (600), from the samples of the other
# runner: see README.md. TARGET names one. Corpora and failures stay in this folder.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${FUZZ_SECONDS:-600}"
targets="${TARGET:-$(sed -n 's/^    ("\([a-z_]*\)", .*/\1/p' src/main.rs)}"

# The versions of the workspace, and libFuzzer.
cp ../../Cargo.lock Cargo.lock
(cd ../.. && SIGHTLINE_FUZZ_SEEDS="$PWD/tests/fuzz/seeds" node tests/rust.mjs fuzz >/dev/null)
cargo +nightly fuzz build --fuzz-dir . --sanitizer none --release target
for target in $targets; do
	echo "== $target"
	mkdir -p "corpus/$target"
	SIGHTLINE_FUZZ_TARGET="$target" cargo +nightly fuzz run --fuzz-dir . --sanitizer none --release target \
		"corpus/$target" "seeds/$target" -- \
		-max_total_time="$seconds" -max_len=16384 -timeout=10 -print_final_stats=1 2>&1 |
		grep -E "panicked|SUMMARY|Test unit|stat::(number_of_executed_units|peak_rss_mb)|^Done"
done
