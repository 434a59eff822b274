#!/usr/bin/env bash
# Installs the missing tools: `setup.sh build` for `make run`, `setup.sh test` for `make test`,
# `setup.sh deploy` for deploying, `setup.sh cloud` for the rehearsal too. It asks no questions and
# can be repeated. When nothing is missing it takes a moment and needs no network.
set -euo pipefail

what="${1:-build}"
root="$(cd "$(dirname "$0")/.." && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/sightline"
packages=()

main() {
	need_rust
	need_node
	need_command make make
	# AWS-LC, which encrypts media, is compiled from C.
	need_command cc gcc libc6-dev
	need_command cmake cmake
	need_command perl perl
	[ "$what" = build ] || need_python
	if [ "$what" = test ] || [ "$what" = cloud ]; then
		need_command git git
		need_component rustfmt cargo-fmt
		need_component clippy cargo-clippy
		[ -n "${CHROMIUM:-}" ] || need_command chromium chromium
		[ -n "${FIREFOX:-}" ] || need_command firefox-esr firefox-esr
		# Certificates of stories, and browsers that trust them.
		need_command openssl openssl
		need_command certutil libnss3-tools
		[ "$(uname -s)" != Linux ] || need_command ip iproute2
		# Moves a process's clock, for `make faults` and tests of the desk's clocks.
		[ "$(uname -s)" != Linux ] || need_command faketime faketime
		# Without these fonts, letters and emoji are boxes in the stories' pictures.
		need_file /usr/share/fonts/truetype/liberation fonts-liberation
		need_file /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf fonts-noto-color-emoji
	fi
	# Builds the relay's image from its Dockerfile. Deploying does not need it.
	[ "$what" != cloud ] || need_command buildah buildah
	[ "${#packages[@]}" -eq 0 ] || install_packages
	case "$what" in
	test)
		want_tools deny
		need_tools stack
		need_tools peers
		need_tools case
		need_tools programs
		;;
	deploy) need_tools sam ;;
	cloud)
		want_tools deny
		need_tools stack
		need_tools peers
		need_tools case
		need_tools programs
		need_tools sam
		need_tools lint
		need_tools policy
		need_tools aws
		;;
	esac
}

need_rust() {
	command -v cargo >/dev/null || stop "cargo is missing: install Rust 1.95 or newer (https://rustup.rs) and try again"
	local version
	version="$(rustc --version | cut -d' ' -f2)"
	at_least "$version" 1.95.0 || stop "Rust $version is too old, 1.95 or newer is needed: rustup update stable"
}

need_node() {
	command -v node >/dev/null || stop "node is missing: install Node.js 20.19 or newer (https://nodejs.org) and try again"
	command -v npm >/dev/null || stop "npm is missing: it comes with Node.js, or as a package of its own (apt-get install npm)"
	local version
	version="$(node --version | tr -d v)"
	at_least "$version" 20.19.0 || stop "Node.js $version is too old, 20.19 or newer is needed"
}

need_python() {
	need_command python3 python3
	# Debian has virtual environments in a package of their own.
	python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
}

# Python programs. Each list has an environment of its own, because their requirements differ. It is
# made once for a user and a lock, in the user's cache folder; the clone holds a link to it. A lock
# (infra/tools/lock.sh) has the hash of every package, and pip takes nothing else.
need_tools() { # name
	local lock="$root/infra/tools/$1.lock" folder
	folder="$cache/tools/$1-$({ python3 --version && cat "$lock"; } | cksum | cut -d' ' -f1)"
	[ -e "$folder/complete" ] || install_tools "$1" "$folder" || return
	mkdir -p "$root/.venv"
	[ "$(readlink "$root/.venv/$1" || true)" = "$folder" ] && return
	rm -rf "${root:?}/.venv/$1"
	ln -s "$folder" "$root/.venv/$1"
}

# Tools that exist for some machines only, and without which every check can still be made.
want_tools() { # name
	(need_tools "$1") || echo "setup: goes on without infra/tools/$1.txt"
}

install_tools() { # name, folder
	mkdir -p "$cache/tools"
	(
		# Another clone may be installing the same.
		! command -v flock >/dev/null || flock 9
		[ ! -e "$2/complete" ] || exit 0
		echo "installing $(grep -v '^#' "$root/infra/tools/$1.txt" | tr '\n' ' ')"
		rm -rf "$2"
		python3 -m venv "$2" &&
			"$2/bin/pip" install --quiet --disable-pip-version-check \
				--no-deps --require-hashes --requirement "$root/infra/tools/$1.lock" &&
			touch "$2/complete"
	) 9>"$2.lock"
}

need_component() { # component, command
	command -v "$2" >/dev/null || stop "the Rust component $1 is missing: rustup component add $1"
	"$2" --version >/dev/null 2>&1 || stop "the Rust component $1 is missing: rustup component add $1"
}

need_command() { # command, packages
	command -v "$1" >/dev/null || packages+=("${@:2}")
}

need_file() { # file, package
	[ -e "$1" ] || packages+=("$2")
}

install_packages() {
	command -v apt-get >/dev/null ||
		stop "missing: ${packages[*]} (Debian package names). There is no apt-get here, please install them yourself"
	local as_root=()
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || stop "missing: ${packages[*]}. Run as root: apt-get install ${packages[*]}"
		as_root=(sudo)
	fi
	echo "installing ${packages[*]}"
	"${as_root[@]}" apt-get update -qq
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

at_least() { # version, least
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]
}

stop() {
	echo "setup: $1" >&2
	exit 1
}

main
