#!/usr/bin/env bash
# Exchanges the token of a job of GitHub for keys of a role: `source keys.sh ROLE`. The keys are in
# the environment and live for an hour, or two for a deployment; nothing is stored.

role="${1:?usage: source keys.sh ROLE}"
seconds=3600
case "$role" in *Deployer*) seconds=7200 ;; esac
token="$(curl --silent --show-error --fail --header "authorization: bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN:?}" \
	"${ACTIONS_ID_TOKEN_REQUEST_URL:?}&audience=sts.amazonaws.com" |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["value"])')"
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(
	aws sts assume-role-with-web-identity --role-arn "$role" --role-session-name "run-${GITHUB_RUN_ID:-by-hand}" \
		--duration-seconds "$seconds" --web-identity-token "$token" --output text \
		--query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]'
)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
unset token
