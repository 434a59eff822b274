#!/usr/bin/env bash
# Builds the function `Publisher`: its own program and the relay, linked statically for the tasks'
# processor. `sam build` calls this script with the folder to fill. SIGHTLINE_ARCH is x86_64, the
# default as in the template's Architecture, or arm64.
set -euo pipefail
cd "$(dirname "$0")/../.."

into="$1"
target="${CARGO_TARGET_DIR:-target}"
# `SAM_BUILD_MODE=debug` disables optimisation, as in SAM's own build of the functions.
optimised=yes
[ "${SAM_BUILD_MODE:-}" != debug ] || optimised=""
arch="${SIGHTLINE_ARCH:-x86_64}"
case "$arch" in
x86_64) processor=x86_64 flag=--x86-64 ;;
arm64) processor=aarch64 flag=--arm64 ;;
*)
	echo "publisher: SIGHTLINE_ARCH must be x86_64 or arm64, not $arch" >&2
	exit 1
	;;
esac

main() {
	# For x86_64 SAM passes no target (1.170, rust_cargo/actions.py), so the functions are built for
	# this machine's processor.
	[ "$arch" = arm64 ] || [ "$(uname -m)" = x86_64 ] ||
		stop "this machine cannot build x86_64 functions. Deploy for arm64 instead: SIGHTLINE_ARCH=arm64 and Architecture=arm64"
	publisher
	relay
}

publisher() {
	local gnu="$processor-unknown-linux-gnu"
	has_target "$gnu" || stop "the Rust target $gnu is missing. Install it: rustup target add $gnu"
	cargo lambda build --locked ${optimised:+--release} --bin publisher "$flag"
	cp "$target/lambda/publisher/bootstrap" "$into/bootstrap"
}

# Links glibc if this machine has the target's processor, because its allocator is faster. It must
# be 2.34 or newer, which resolves names when linked statically. Otherwise links musl with zig,
# which has a linker and a C compiler for every processor.
relay() {
	local glibc="$processor-unknown-linux-gnu" musl="$processor-unknown-linux-musl"
	local profile=relay folder=relay
	[ -n "$optimised" ] || { profile=dev && folder=debug; }
	if [ "$(uname -s)-$(uname -m)" = "Linux-$processor" ] && has_target "$glibc" && has_glibc 2.34; then
		RUSTFLAGS="-C target-feature=+crt-static" cargo build --locked --profile "$profile" --target "$glibc" --package sightline-relay
		cp "$target/$glibc/$folder/sightline-relay" "$into/sightline-relay"
	elif has_target "$musl"; then
		cargo lambda build --locked --profile "$profile" --bin sightline-relay --target "$musl"
		cp "$target/lambda/sightline-relay/bootstrap" "$into/sightline-relay"
	else
		stop "the Rust target $musl is missing. Install it: rustup target add $musl"
	fi
}

has_glibc() { # minimum version
	local version
	version="$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)"
	[ -n "$version" ] && [ "$(printf '%s\n%s\n' "$1" "$version" | sort -V | head -n1)" = "$1" ]
}

stop() {
	echo "publisher: $1" >&2
	exit 1
}

has_target() {
	[ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]
}

main
