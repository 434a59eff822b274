#!/usr/bin/env bash
# Compares the account's quotas with what a number of calls at a time needs: `quotas.sh [calls]`,
# 100 if none is given. It only reads; it needs the AWS CLI and credentials. The codes are those of
# Service Quotas. It ends with 1 when a quota is too small, and with 2 when one is not known.
set -euo pipefail

calls="${1:-100}"
# A relay of one processor takes 64 calls (infra/relay.yaml), and an update runs the old relays and
# the new ones side by side.
CALLS_OF_A_PROCESSOR=64
result=0

main() {
	[[ "$calls" =~ ^[1-9][0-9]{0,6}$ ]] || stop "usage: quotas.sh [calls at a time]"
	command -v aws >/dev/null || stop "the AWS CLI is missing: https://aws.amazon.com/cli"
	local networks processors
	networks="$(aws ec2 describe-vpcs --query 'length(Vpcs)' --output text 2>/dev/null)" ||
		stop "the account cannot be read: check the credentials and the region (AWS_DEFAULT_REGION)"
	processors=$(((calls + CALLS_OF_A_PROCESSOR - 1) / CALLS_OF_A_PROCESSOR))
	printf '%-11s %-12s %8s %8s  %s\n' service code needed here quota
	# A third of a function call a second and call (docs/costs.md), of at most 50 ms, and ten times
	# as many when many begin at once.
	check lambda L-B99A9384 $((calls / 6 + 10))
	check fargate L-3032A538 $((2 * processors))
	# What is sent and what is pushed: 513 messages in ten minutes of a call.
	check apigateway L-8A5B8E43 $((calls * 9 / 10 + 100))
	check vpc L-F678F1CE $((networks + 1))
	case "$result" in
	1) echo "ask AWS for more: console, Service Quotas, by the code" >&2 ;;
	2) echo "a quota could not be read: see the console, Service Quotas" >&2 ;;
	esac
	exit "$result"
}

# Prints a quota beside what is needed.
check() { # service, code, needed
	local here name
	read -r here name < <(read_quota "$1" "$2" get-service-quota || read_quota "$1" "$2" get-aws-default-service-quota ||
		echo "unknown -")
	printf '%-11s %-12s %8s %8s  %s\n' "$1" "$2" "$3" "${here%.0}" "$name"
	if [ "$here" = unknown ]; then
		[ "$result" != 0 ] || result=2
	elif awk "BEGIN { exit !($here < $3) }"; then
		result=1
	fi
}

read_quota() { # service, code, command
	aws service-quotas "$3" --service-code "$1" --quota-code "$2" --query 'Quota.[Value,QuotaName]' --output text 2>/dev/null
}

stop() {
	echo "$1" >&2
	exit 1
}

main
