#!/usr/bin/env bash
# Finishes a deployment that uses what stood before it (ExistingTable, ExistingPictures,
# ExistingUserPool): `restored.sh [stack]`, "sightline" if none is given. A restored table has lost
# its time to live, its backups, its protection and its tags (Amazon DynamoDB Developer Guide,
# "Point-in-time recovery: how it works"), and an adopted bucket still names the pages of the stack
# before. This sets all of it, reads it back, and erases again what was erased after the point that
# was restored. It can be repeated. It needs the AWS CLI and credentials.
set -euo pipefail

stack="${1:-sightline}"
answer=""
asked=""

main() {
	command -v aws >/dev/null || stop "the AWS CLI is missing: https://aws.amazon.com/cli"
	read_stack 'StackName' >/dev/null 2>&1 ||
		stop "the stack $stack cannot be read: check its name, the region (AWS_DEFAULT_REGION) and the account"
	table="$(parameter ExistingTable)"
	bucket="$(parameter ExistingPictures)"
	pool="$(parameter ExistingUserPool)"
	[ -n "$table$bucket$pool" ] || stop "the stack $stack uses nothing that stood before it"
	answer="$(mktemp)"
	asked="$(mktemp)"
	trap 'rm -f "$answer" "$asked"' EXIT
	[ -z "$table" ] || set_up_table
	[ -z "$bucket" ] || set_up_bucket
	[ -z "$pool" ] || set_up_groups
	erase_again
	echo "$stack is complete"
}

set_up_table() {
	local arn days protect
	days="$(parameter RecoveryDays)"
	protect="$(parameter Protect)"
	aws dynamodb wait table-exists --table-name "$table"
	check "the table's key and index" "pk sk open" "$(of_table 'KeySchema[].AttributeName | [*]') $(of_table 'GlobalSecondaryIndexes[].IndexName | [*]')"
	arn="$(of_table TableArn)"
	if [ "$(time_to_live)" != ENABLED ]; then
		aws dynamodb update-time-to-live --table-name "$table" \
			--time-to-live-specification Enabled=true,AttributeName=ttl >/dev/null
	fi
	aws dynamodb update-continuous-backups --table-name "$table" --point-in-time-recovery-specification \
		"PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=$days" >/dev/null
	if [ "$protect" = true ]; then
		aws dynamodb update-table --table-name "$table" --deletion-protection-enabled >/dev/null
		aws dynamodb wait table-exists --table-name "$table"
	fi
	aws dynamodb tag-resource --resource-arn "$arn" --tags "Key=sightline:stack,Value=$stack"
	check "time to live" ENABLED "$(time_to_live)"
	check "days of backups" "$days" "$(aws dynamodb describe-continuous-backups --table-name "$table" --output text \
		--query 'ContinuousBackupsDescription.PointInTimeRecoveryDescription.RecoveryPeriodInDays')"
	[ "$protect" != true ] || check "deletion protection" True "$(of_table DeletionProtectionEnabled)"
	check "tag of the stack" "$stack" "$(aws dynamodb list-tags-of-resource --resource-arn "$arn" --output text \
		--query "Tags[?Key=='sightline:stack'].Value | [0]")"
}

# What was enabled moments ago is ENABLING for up to an hour.
time_to_live() {
	aws dynamodb describe-time-to-live --table-name "$table" --output text \
		--query 'TimeToLiveDescription.TimeToLiveStatus' | sed 's/ENABLING/ENABLED/'
}

# The same settings as those of the resource Pictures in template.yaml.
set_up_bucket() {
	local origin rules
	origin="$(read_stack "Outputs[?OutputKey=='AgentUrl'].OutputValue")"
	origin="${origin%/agent}"
	rules="$(lifecycle incoming/ uploads 1),$(lifecycle pictures/ pictures "$(parameter PictureDays)")"
	rules="$rules,$(lifecycle erased/ erased "$(parameter RecoveryDays)"),$(lifecycle cases/ cases 1)"
	aws s3api put-bucket-cors --bucket "$bucket" --cors-configuration "{\"CORSRules\":[{\"AllowedOrigins\":[\"$origin\"],
		\"AllowedMethods\":[\"GET\",\"PUT\"],\"AllowedHeaders\":[\"content-type\",\"if-none-match\"],\"MaxAgeSeconds\":3600}]}"
	aws s3api put-bucket-lifecycle-configuration --bucket "$bucket" --lifecycle-configuration "{\"Rules\":[$rules,
		{\"ID\":\"parts\",\"Status\":\"Enabled\",\"Filter\":{\"Prefix\":\"\"},\"AbortIncompleteMultipartUpload\":{\"DaysAfterInitiation\":1}}]}" >/dev/null
	aws s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
		BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
	check "origin of the pages" "$origin" \
		"$(aws s3api get-bucket-cors --bucket "$bucket" --output text --query 'CORSRules[].AllowedOrigins[] | [*]')"
	check "days of objects" "1 $(parameter PictureDays) $(parameter RecoveryDays) 1" \
		"$(aws s3api get-bucket-lifecycle-configuration --bucket "$bucket" --output text --query 'Rules[].Expiration.Days | [*]')"
	check "refusal of what is not encrypted" EncryptedOnly \
		"$(aws s3api get-bucket-policy --bucket "$bucket" --output text --query Policy | grep -o EncryptedOnly || true)"
}

lifecycle() { # prefix, id, days
	printf '{"ID":"%s","Status":"Enabled","Filter":{"Prefix":"%s"},"Expiration":{"Days":%s}}' "$2" "$1" "$3"
}

set_up_groups() {
	local group
	for group in "$(parameter AdminGroup)" "$(parameter AgentGroup)"; do
		[ -n "$group" ] || continue
		aws cognito-idp get-group --user-pool-id "$pool" --group-name "$group" >/dev/null 2>&1 ||
			aws cognito-idp create-group --user-pool-id "$pool" --group-name "$group" >/dev/null
		check "group of the pool" "$group" "$(aws cognito-idp get-group --user-pool-id "$pool" --group-name "$group" \
			--output text --query Group.GroupName)"
	done
}

# A page at a time: a function has 28 seconds.
erase_again() {
	local function known=0 erased=0 next failed
	echo '{"erase_again":{}}' >"$asked"
	function="$(aws cloudformation describe-stack-resources --stack-name "$stack" --logical-resource-id EraseFunction \
		--output text --query 'StackResources[0].PhysicalResourceId')"
	while :; do
		# From a file, which both versions of the CLI send as it is.
		failed="$(aws lambda invoke --function-name "$function" --payload "fileb://$asked" \
			--output text --query FunctionError "$answer")"
		[ "$failed" = None ] || stop "the function $function failed, see its log: $(cat "$answer")"
		known=$((known + $(field known)))
		erased=$((erased + $(field erased)))
		next="$(field next)"
		[ -n "$next" ] || break
		echo "{\"erase_again\":{\"after\":\"$next\"}}" >"$asked"
	done
	echo "calls erased before: $known, of which the table still had: $erased"
}

# A field of the function's answer; nothing if it is absent.
field() { # name
	sed -nE "s/.*\"$1\":\"?([^\",}]*).*/\1/p" "$answer"
}

check() { # what, wanted, found
	local found
	found="$(echo "$3" | tr '\t\n' '  ' | sed 's/ *$//')"
	[ "$found" = "$2" ] || stop "$1: wanted \"$2\", found \"$found\""
	printf '%-34s %s\n' "$1" "$found"
}

of_table() { # query
	aws dynamodb describe-table --table-name "$table" --output text --query "Table.$1"
}

parameter() { # name
	read_stack "Parameters[?ParameterKey=='$1'].ParameterValue"
}

read_stack() { # query
	aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].$1" --output text
}

stop() {
	echo "restored: $1" >&2
	exit 1
}

main
