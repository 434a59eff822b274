# Keeps compiled dependencies between runs of CI: one folder in the user's cache for each compiler
# and Cargo.lock. With it a run in a fresh clone compiles our own crates only. It is optional.

KEPT_MB_MAX=12000
kept="${XDG_CACHE_HOME:-$HOME/.cache}/sightline/ci"
kept_target=""

# Sets CARGO_TARGET_DIR, unless it is set, the folder is not writable or another run uses it.
use_kept_target() {
	[ -z "${CARGO_TARGET_DIR:-}" ] || return 0
	command -v flock >/dev/null || return 0
	local folder
	folder="$kept/$({ rustc -vV && cat Cargo.lock; } | cksum | cut -d' ' -f1)"
	mkdir -p "$folder" 2>/dev/null || return 0
	exec 8>"$folder/lock" || return 0
	if ! flock -n 8; then
		echo "$folder is in use by another run: compiling without it"
		return 0
	fi
	kept_target="$folder"
	export CARGO_TARGET_DIR="$folder/target"
	mkdir -p "$CARGO_TARGET_DIR"
}

# Removes our own crates, which no other clone can use, then the least recently used folders until
# the cache is small enough.
tidy_kept_target() {
	[ -n "$kept_target" ] || return 0
	local packages folder
	packages="$(cargo metadata --locked --no-deps --format-version 1 | grep -oE '"name":"sightline-[a-z]+","version"' | cut -d'"' -f4 | sed 's/^/-p /')"
	# shellcheck disable=SC2086 # Splitting into words is intended.
	cargo clean --locked --quiet ${CARGO_BUILD_TARGET:+--target "$CARGO_BUILD_TARGET"} $packages
	rm -rf "$CARGO_TARGET_DIR/lambda"
	touch "$kept_target"
	while [ "$(du -sm "$kept" | cut -f1)" -gt "$KEPT_MB_MAX" ]; do
		folder="$(ls -1dt "$kept"/*/ | tail -n 1)"
		[ "$folder" != "$kept_target/" ] || break
		rm -rf "$folder"
	done
	du -sm "$kept" | cut -f1 | sed 's/$/ MB in the cache/'
}
