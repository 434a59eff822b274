#!/usr/bin/env bash
# Carries out a change set of plan.sh: `carry-out.sh STACK NAME`. It waits until CloudFormation is
# done, which is ten minutes longer while alarms watch, protects the stack from deletion if its
# `Protect` is true, and asks the new deployment whether a call would work.
set -euo pipefail

stack="${1:?usage: carry-out.sh STACK NAME}"
name="${2:?usage: carry-out.sh STACK NAME}"
# CloudFront takes a while to send a new address everywhere.
TRIES=30

main() {
	local before verb=update origin
	before="$(read_stack StackStatus)"
	[ "$before" != REVIEW_IN_PROGRESS ] || verb=create
	aws cloudformation execute-change-set --stack-name "$stack" --change-set-name "$name"
	aws cloudformation wait "stack-$verb-complete" --stack-name "$stack" ||
		stop "the $verb of $stack failed: $(read_stack StackStatus), see its events in CloudFormation"
	if [ "$(read_stack "Parameters[?ParameterKey=='Protect'].ParameterValue")" = true ]; then
		aws cloudformation update-termination-protection --stack-name "$stack" --enable-termination-protection >/dev/null
		[ "$(read_stack EnableTerminationProtection)" = True ] || stop "$stack is not protected from deletion"
		echo "$stack is protected from deletion"
	fi
	origin="$(read_stack "Outputs[?OutputKey=='AgentUrl'].OutputValue")"
	origin="${HEALTH_ORIGIN:-${origin%/agent}}"
	for ((try = 1; try <= TRIES; try++)); do
		if curl --silent --show-error --fail --max-time 10 "$origin/api/health" -o /dev/null; then
			echo "$stack is up: $origin"
			return
		fi
		sleep 10
	done
	stop "$origin/api/health does not answer that a call would work"
}

read_stack() { # query
	aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].$1" --output text
}

stop() {
	echo "carry-out: $1" >&2
	exit 1
}

main
