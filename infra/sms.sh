#!/usr/bin/env bash
# Switches text messages off or on (kill switch): `sms.sh off` or `sms.sh on`, and the name of the
# stack if it is not "sightline". It needs the AWS CLI and credentials, but no build and no sources:
# the stack keeps its template and every other parameter. While text messages are off, links can
# still be copied and shown as a code.
set -euo pipefail

wanted="${1:-}"
stack="${2:-sightline}"

main() {
	local value name names now parameters=()
	case "$wanted" in
	off) value=true ;;
	on) value=false ;;
	*) stop "usage: sms.sh off|on [stack]" ;;
	esac
	command -v aws >/dev/null || stop "the AWS CLI is missing: https://aws.amazon.com/cli"

	names="$(read_stack 'Parameters[].ParameterKey')" ||
		stop "the stack $stack cannot be read: check its name, the region (AWS_DEFAULT_REGION) and the account"
	now="$(read_stack "Parameters[?ParameterKey=='SmsOff'].ParameterValue")"
	[ -n "$now" ] || stop "the stack $stack has no parameter SmsOff, so it is not a stack of Sightline"
	if [ "$now" = "$value" ]; then
		echo "text messages of $stack are already $wanted"
		return
	fi

	for name in $names; do
		if [ "$name" = SmsOff ]; then
			parameters+=("ParameterKey=$name,ParameterValue=$value")
		else
			parameters+=("ParameterKey=$name,UsePreviousValue=true")
		fi
	done
	aws cloudformation update-stack --stack-name "$stack" --use-previous-template \
		--capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --parameters "${parameters[@]}" >/dev/null ||
		stop "CloudFormation refused the update: text messages of $stack are unchanged"
	echo "switching text messages of $stack $wanted, this takes a minute or two"
	aws cloudformation wait stack-update-complete --stack-name "$stack" ||
		stop "the update failed: see the events of $stack in CloudFormation"
	echo "text messages of $stack are $wanted"
}

read_stack() { # query
	aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].$1" --output text
}

stop() {
	echo "sms: $1" >&2
	exit 1
}

main
