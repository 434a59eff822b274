#!/usr/bin/env bash
# Uploads what `sam build` made and makes a change set of it:
# `plan.sh [environment [Name=Value]...]`. The environment is a section of samconfig.toml, "default"
# if none is given; its parameters and those behind it are set, all others keep their values. It
# changes nothing. It prints what would change, and the name of the change set in its last line, or
# that there is nothing to change. `carry-out.sh` does the rest.
#
# Five alarms watch the update and for ten minutes behind it: if one goes off, CloudFormation brings
# everything back as it was, functions, relay and pages.
set -euo pipefail
cd "$(dirname "$0")/../.."

environment="${1:-default}"
[ $# -eq 0 ] || shift
template="${SAM_TEMPLATE:-.aws-sam/build/template.yaml}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

main() {
	local stack kind=CREATE bucket key name="plan-${GITHUB_RUN_ID:-$(date +%s)}"
	command -v aws >/dev/null || stop "the AWS CLI is missing: https://aws.amazon.com/cli"
	command -v sam >/dev/null || stop "SAM is missing: infra/setup.sh deploy"
	stack="$(settings stack_name)" || stop "samconfig.toml has no section $environment"
	sam package --config-env "$environment" --template-file "$template" --resolve-s3 --no-progressbar \
		--output-template-file "$work/packaged.yaml" >/dev/null
	bucket="$(aws cloudformation describe-stack-resource --stack-name aws-sam-cli-managed-default \
		--logical-resource-id SamCliSourceBucket --output text --query StackResourceDetail.PhysicalResourceId)"
	key="$stack/$(cksum <"$work/packaged.yaml" | tr ' ' '-').template"
	aws s3 cp --only-show-errors "$work/packaged.yaml" "s3://$bucket/$key"
	key="https://s3.$(region).amazonaws.com/$bucket/$key"

	aws cloudformation get-template-summary --template-url "$key" --output text \
		--query 'Parameters[].[ParameterKey]' >"$work/declared"
	: >"$work/present"
	if aws cloudformation describe-stacks --stack-name "$stack" --output text \
		--query 'Stacks[0].Parameters[].[ParameterKey]' >"$work/present" 2>/dev/null; then
		kind=UPDATE
	fi
	settings parameters "$@" >"$work/parameters.json"
	watched "$stack" "$kind" >"$work/watched.json"
	aws cloudformation create-change-set --stack-name "$stack" --change-set-name "$name" --change-set-type "$kind" \
		--template-url "$key" --parameters "file://$work/parameters.json" \
		--capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
		--rollback-configuration "file://$work/watched.json" >/dev/null
	if ! aws cloudformation wait change-set-create-complete --stack-name "$stack" --change-set-name "$name" 2>/dev/null; then
		refused "$stack" "$name"
		return
	fi
	aws cloudformation describe-change-set --stack-name "$stack" --change-set-name "$name" --output table \
		--query 'Changes[].ResourceChange.[Action,Replacement,LogicalResourceId,ResourceType]'
	echo "$name"
}

# A change set without changes fails, and is no failure.
refused() { # stack, name
	local why
	why="$(aws cloudformation describe-change-set --stack-name "$1" --change-set-name "$2" \
		--output text --query StatusReason)"
	aws cloudformation delete-change-set --stack-name "$1" --change-set-name "$2"
	case "$why" in
	*"didn't contain changes"* | *"No updates"*) echo "nothing to change" ;;
	*) stop "$why" ;;
	esac
}

# The alarms that bring an update back. The nested stack has them, so a first deployment has none.
watched() { # stack, kind
	local alarms alarm id triggers=""
	if [ "$2" = UPDATE ]; then
		alarms="$(resource "$1" Alarms)"
		for alarm in HttpErrors WsErrors InviteErrors ConnectionErrors SignalingErrors; do
			id="$(resource "$alarms" "$alarm")"
			triggers="$triggers${triggers:+,}{\"Arn\":\"arn:aws:cloudwatch:$(region):$(account):alarm:$id\",\"Type\":\"AWS::CloudWatch::Alarm\"}"
		done
	fi
	echo "{\"RollbackTriggers\":[$triggers],\"MonitoringTimeInMinutes\":10}"
}

resource() { # stack, logical id
	aws cloudformation describe-stack-resource --stack-name "$1" --logical-resource-id "$2" \
		--output text --query StackResourceDetail.PhysicalResourceId
}

region() {
	aws configure get region 2>/dev/null || echo "${AWS_REGION:-$AWS_DEFAULT_REGION}"
}

account() {
	aws sts get-caller-identity --output text --query Account
}

# Reads samconfig.toml, which Python can from 3.11 on.
settings() { # stack_name, or parameters with further Name=Value
	python3 - "$environment" "$work" "$@" <<-'PYTHON'
		import json, sys, tomllib
		environment, work, wanted, *further = sys.argv[1:]
		section = tomllib.load(open("samconfig.toml", "rb"))[environment]
		if wanted == "stack_name":
		    print(section["global"]["parameters"]["stack_name"])
		    sys.exit()
		given = section["deploy"]["parameters"].get("parameter_overrides", []) + further
		values = {name: value.strip('"') for name, value in (one.split("=", 1) for one in given)}
		declared, present = ([*open(f"{work}/{name}").read().split()] for name in ("declared", "present"))
		unknown = set(values) - set(declared)
		if unknown:
		    sys.exit(f"plan: the template has no {', '.join(sorted(unknown))}")
		kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in declared if name in present and name not in values]
		print(json.dumps([{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()] + kept))
	PYTHON
}

stop() {
	echo "plan: $1" >&2
	exit 1
}

main "$@"
