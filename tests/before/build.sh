#!/usr/bin/env bash
# Builds the version that `commit` names, apart from what this clone builds. Prints the folders of
# its programs and of its sources.
set -euo pipefail
cd "$(dirname "$0")/../.."

commit="$(cat tests/before/commit)"
place="$(realpath -m "${CARGO_TARGET_DIR:-target}")/before"
git cat-file -e "$commit^{commit}" 2>/dev/null || {
	echo "make before: this clone does not hold $commit; fetch the whole history (git fetch --unshallow)" >&2
	exit 1
}
[ -d "$place/source/.git" ] || git clone --quiet --shared --no-checkout . "$place/source"
cd "$place/source"
git checkout --quiet --force "$commit"
export CARGO_TARGET_DIR="$place/target"
{
	npm --prefix web ci --loglevel=error --no-fund --no-audit
	npm --prefix web run --silent build
	cargo build --locked -p sightline-local -p sightline-aws -p sightline-relay
} >&2
echo "$CARGO_TARGET_DIR/${CARGO_BUILD_TARGET:+$CARGO_BUILD_TARGET/}debug:$place/source"
