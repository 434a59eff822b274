#!/usr/bin/env bash
# Writes the lock of each list beside it: every package with its version and its hashes, for any
# Python from 3.10 on (3.11 for peers and programs). infra/setup.sh installs nothing else. Run it
# after a change of a list. A list without a lock of the same versions fails `make tidy`.
set -euo pipefail
cd "$(dirname "$0")"

uv="$(mktemp -d)"
trap 'rm -rf "$uv"' EXIT
python3 -m venv "$uv"
"$uv/bin/pip" install --quiet --disable-pip-version-check uv==0.13.9
for list in *.txt; do
	name="${list%.txt}"
	python=3.10
	case "$name" in peers | programs) python=3.11 ;; esac
	{
		echo "# Every package of $list with its hashes. infra/tools/lock.sh writes it."
		"$uv/bin/uv" pip compile --quiet --universal --python-version "$python" --generate-hashes \
			--no-header --no-annotate "$list"
	} >"$name.lock.new"
	mv "$name.lock.new" "$name.lock"
done
