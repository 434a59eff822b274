#!/usr/bin/env bash
# Makes what the function `Publisher` is: its own program, and beside it the relay, linked statically for the tasks' processor.
# `sam build` calls it with the folder to fill. SIGHTLINE_ARCH is x86_64 or arm64, and otherwise what this machine is.
set -euo pipefail
cd "$(dirname "$0")/../.."

into="$1"
arch="${SIGHTLINE_ARCH:-$(uname -m)}"
case "$arch" in
x86_64) processor=x86_64 ;;
arm64 | aarch64) processor=aarch64 ;;
*)
	echo "publisher: SIGHTLINE_ARCH is x86_64 or arm64, not $arch" >&2
	exit 1
	;;
esac

main() {
	publisher
	relay
}

publisher() {
	local flag=()
	[ "$processor" = x86_64 ] || flag=(--arm64)
	cargo lambda build --locked --release --bin publisher "${flag[@]}"
	cp "target/lambda/publisher/bootstrap" "$into/bootstrap"
}

# musl is made for this; without it glibc links statically as well, on the processor it was made for.
relay() {
	local musl="$processor-unknown-linux-musl" glibc="$processor-unknown-linux-gnu" target flags=""
	if has_target "$musl"; then
		target="$musl"
	elif [ "$processor" = "$(uname -m)" ] && has_target "$glibc"; then
		target="$glibc"
		flags="-C target-feature=+crt-static"
	else
		echo "publisher: no static relay for $arch can be built here. This installs what is missing: rustup target add $musl" >&2
		exit 1
	fi
	RUSTFLAGS="$flags" cargo build --locked --profile relay --target "$target" --package sightline-relay
	cp "target/$target/relay/sightline-relay" "$into/sightline-relay"
}

has_target() {
	[ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]
}

main
