#!/usr/bin/env bash
# The kill switch of text messages: `sms.sh off` or `sms.sh on`, and the stack's name if it is not
# "sightline". Needs the AWS CLI and credentials, and neither a build nor the sources of what runs:
# the stack keeps its template and every other parameter. Links can still be copied and shown as a
# code while it is off.
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
	command -v aws >/dev/null || stop "the AWS CLI is missing (see https://aws.amazon.com/cli)"

	names="$(read_stack 'Parameters[].ParameterKey')" ||
		stop "the stack $stack cannot be read. Is that its name, and are its region (AWS_DEFAULT_REGION) and account the ones you are in?"
	now="$(read_stack "Parameters[?ParameterKey=='SmsOff'].ParameterValue")"
	[ -n "$now" ] || stop "the stack $stack has no parameter SmsOff: is it Sightline's?"
	if [ "$now" = "$value" ]; then
		echo "text messages of $stack are $wanted already"
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
		stop "nothing was changed: text messages of $stack are as they were"
	echo "text messages of $stack are being switched $wanted; this takes a minute or two"
	aws cloudformation wait stack-update-complete --stack-name "$stack" ||
		stop "the change did not go through: see the events of $stack in CloudFormation"
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
