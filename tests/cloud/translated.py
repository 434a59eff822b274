#!/usr/bin/env python3
"""Translates template.yaml as SAM does, for several deployments of one account and region, and
checks what an emulator does not refuse: names that two stacks share, changes of an API side by
side, a key that a rotation forgets.

    .venv/sam/bin/python tests/cloud/translated.py
"""

import copy
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import tomlkit
import yaml

from resolved import Stack
from stack import REGION, ROOT, Loader

os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
# The translator complains that it may not send figures about its use.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402

# Deployments beside those of samconfig.toml. They take the other branches of the template.
OTHERS = {
    "sightline-own": {
        "DomainName": "help.example.com",
        "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
        "HostedZoneId": "Z1",
        "Issuer": "https://id.example.com",
        "ClientId": "sightline",
        "ClientSecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:client",
        "SmsRefused": "voip",
        "WebAclArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/own/1",
        "SmsSenderId": "Example",
        "SmsOrigination": "+18445550100",
        "PermissionsBoundary": "arn:aws:iam::123456789012:policy/boundary",
        "RelayMax": "8",
    },
    "sightline-arm": {
        "Architecture": "arm64",
        "AgentGroup": "agents",
        "AlarmEmail": "ops@example.com",
        "ApiLogRole": "exists",
        "RelayCount": "0",
        "RelayCpu": "1024",
        "RelayMemory": "2048",
        "RelayImage": "example.com/relay@sha256:1",
        "ZoneA": "eu-central-1a",
        "ZoneB": "eu-central-1c",
    },
}

NAMES = re.compile(r"Name$|^(Name|Domain|Family|Id|Identifier)$")

# Names that are unique within something that each stack has of its own, or that name nothing new.
LOCAL = {
    "AWS::ApiGatewayV2::Stage": "StageName",
    "AWS::CloudFront::Distribution": "DomainName HeaderName Id",
    "AWS::CloudWatch::Alarm": "MetricName Name",
    "AWS::Cognito::UserPool": "Name",
    "AWS::Cognito::UserPoolClient": "ClientName",
    "AWS::Cognito::UserPoolGroup": "GroupName",
    "AWS::DynamoDB::Table": "AttributeName IndexName",
    "AWS::ECS::Cluster": "Name",
    "AWS::ECS::TaskDefinition": "Name",
    "AWS::IAM::Role": "PolicyName",
    "AWS::Lambda::Alias": "Name",
    "AWS::Lambda::EventInvokeConfig": "Qualifier",
    "AWS::S3::Bucket": "Id",
    "AWS::SNS::Topic": "DisplayName",
}

SECRETS = ["SigningKey", "RelayKey", "OriginSecret"]
RATES = {"HttpRate": 500, "ConnectRate": 200, "MessageRate": 2000}
ROOMS = {"256": "16", "512": "32", "1024": "64"}


def it_lints_when_translated():
    outputs = {json.dumps(translated(parameters), indent=1) for parameters in DEPLOYMENTS.values()}
    with tempfile.TemporaryDirectory(prefix="sightline-translated-") as folder:
        files = []
        for at, output in enumerate(outputs):
            files.append(Path(folder) / f"{at}.json")
            # As `sam deploy` does, when it has uploaded a nested template.
            files[-1].write_text(re.sub(r'"infra/\w+\.yaml"', '"https://s3.amazonaws.com/bucket/key"', output))
        done = subprocess.run(
            [Path(sys.executable).with_name("cfn-lint"), "--regions", REGION, "--", *files],
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    print(f"    {len(DEPLOYMENTS)} deployments, {len(outputs)} outputs")


def no_name_is_in_two_stacks():
    holders, kinds = {}, 0
    for stack in STACKS.values():
        for part in [stack, *nested(stack)]:
            for name in names(part):
                kinds += 1
                others = holders.setdefault(name, set())
                others.add(stack.name)
    shared = [f"{name} in {sorted(stacks)}" for name, stacks in holders.items() if len(stacks) > 1]
    assert not shared, "a second stack of the region fails with these: " + "; ".join(sorted(shared))
    assert kinds > 100, f"only {kinds} names were found"
    print(f"    {kinds} names")


def changes_of_an_api_come_one_after_the_other():
    resources = translated(DEPLOYMENTS["sightline"])["Resources"]
    before = {logical: waits_for(about, resources) for logical, about in resources.items()}
    of_api = {"Route": [], "Integration": [], "Stage": []}
    for logical, about in resources.items():
        kind = about["Type"].removeprefix("AWS::ApiGatewayV2::")
        if kind in of_api:
            of_api[kind].append((about["Properties"]["ApiId"]["Ref"], logical))
    for kind in ("Route", "Integration"):
        for api, one in of_api[kind]:
            for other_api, other in of_api[kind]:
                if api == other_api and one != other:
                    chained = other in reached(one, before) or one in reached(other, before)
                    assert chained, f"{one} and {other} would be made side by side"
    for api, stage in of_api["Stage"]:
        routes = {route for of, route in of_api["Route"] if of == api}
        late = routes - reached(stage, before)
        assert routes and not late, f"{stage} does not wait for {late}: each starts a deployment of its own"


def every_route_has_a_throttle_of_its_own():
    """Finding 5: a flood of one route must not use up another's throttle."""
    for name, given in (("sightline", {}), ("sightline-own", {"HttpRate": "60", "ConnectRate": "30", "MessageRate": "90"})):
        resources = build(name, {**DEPLOYMENTS[name], **given}).resources()
        rates = {parameter: int(given.get(parameter, rate)) for parameter, rate in RATES.items()}
        of_kind = lambda kind: {logical: about for logical, (of, about) in resources.items() if of == kind}
        stages = of_kind("AWS::ApiGatewayV2::Stage")
        for logical, about in of_kind("AWS::ApiGatewayV2::Route").items():
            (stage,) = [stage for stage in stages.values() if stage["ApiId"] == about["ApiId"]]
            key = about["RouteKey"]
            settings = stage.get("RouteSettings", {}).get(key)
            # A relay is trusted, so its routes share the default.
            settings = settings or (stage["DefaultRouteSettings"] if stage["StageName"] == "relay" else None)
            assert settings, f"{logical}: {key} shares a throttle"
            wanted = "HttpRate" if "/" in key else "MessageRate"
            if key == "$connect" and stage["StageName"] == "ws":
                wanted = "ConnectRate"
            for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
                assert int(settings[limit]) == rates[wanted], f"{key}: {settings}"


def relays_have_an_api_of_their_own():
    """Finding 4: what pages send uses up nothing that relays need."""
    resources = STACKS["sightline"].resources()
    apis = {about["RouteKey"]: about["ApiId"] for kind, about in resources.values() if kind == "AWS::ApiGatewayV2::Route"}
    assert "relay" not in apis, "a page's message has no route of relays"
    home = resources["Relay"][1]["Parameters"]["Home"]
    origins = resources["Distribution"][1]["DistributionConfig"]["Origins"]
    domains = {origin["DomainName"] for origin in origins}
    assert "RelayApi" in home and not any("RelayApi" in domain for domain in domains), (home, domains)


def a_new_round_reaches_whatever_has_a_key():
    whole = DEPLOYMENTS["sightline"]
    first, second = (with_nested(build("sightline", {**whole, "SignInRound": n})) for n in ("1", "2"))
    having = [path for path, (kind, given) in first.items() if kind != "AWS::IAM::Role" and has_key(kind, given)]
    assert {"Distribution", "InviteFunction", "ConnectionFunction", "Relay.Task"} <= set(having), having
    kept = [path for path in having if first[path] == second[path]]
    assert not kept, f"these would go on with the old key: {kept}"


def a_relay_takes_as_many_rooms_as_its_processor_carries():
    for units, most in ROOMS.items():
        stack = build("sightline", {"RelayCpu": units, "RelayMemory": "2048"})
        ((_, task),) = [given for path, given in with_nested(stack).items() if path == "Relay.Task"]
        variables = {one["Name"]: one["Value"] for one in task["ContainerDefinitions"][0]["Environment"]}
        assert variables["SIGHTLINE_ROOMS_MAX"] == most, (units, variables)


def a_firewall_of_the_account_is_attached():
    for name, wanted in (("sightline", None), ("sightline-own", OTHERS["sightline-own"]["WebAclArn"])):
        settings = STACKS[name].resources()["Distribution"][1]["DistributionConfig"]
        assert settings.get("WebACLId") == wanted, name


def production_is_protected_and_nothing_is_kept_for_a_month_unasked():
    for name, protected in (("sightline", False), ("sightline-staging", False), ("sightline-prod", True)):
        resources = STACKS[name].resources()
        table = resources["Table"][1]
        assert table["DeletionProtectionEnabled"] is protected, name
        pool = resources["UserPool"][1]
        assert pool["DeletionProtection"] == ("ACTIVE" if protected else "INACTIVE"), name
        days = int(table["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"])
        assert days == (1 if "staging" in name else 7), f"{name}: {days} days"


def a_boundary_is_on_every_role():
    for name, wanted in (("sightline", None), ("sightline-own", OTHERS["sightline-own"]["PermissionsBoundary"])):
        roles = {path: given for path, (kind, given) in with_nested(STACKS[name]).items() if kind == "AWS::IAM::Role"}
        assert {"SweepScheduleRole", "PublisherRole", "Relay.StartRole"} <= set(roles), set(roles)
        for path, given in roles.items():
            assert given.get("PermissionsBoundary") == wanted, f"{name}: {path}"


def relays_grow_only_where_it_is_wanted():
    for name, most in (("sightline", None), ("sightline-own", "8")):
        found = with_nested(STACKS[name])
        growth = [given for kind, given in found.values() if kind == "AWS::ApplicationAutoScaling::ScalableTarget"]
        assert [given["MaxCapacity"] for given in growth] == ([most] if most else []), name
        # With a number an update would undo the growth.
        ((_, service),) = [given for path, given in found.items() if path == "Relay.Service"]
        assert ("DesiredCount" in service) is (most is None), name


def quotas_that_are_too_small_are_named():
    """Against an AWS CLI that answers like that of a new account, which knows one default only."""
    with tempfile.TemporaryDirectory(prefix="sightline-quotas-") as folder:
        cli = Path(folder) / "aws"
        cli.write_text(NEW_ACCOUNT)
        cli.chmod(0o755)
        for calls, code, named in (("10", 0, ""), ("100", 1, "lambda"), ("500", 1, "fargate"), ("-1", 1, "usage")):
            done = subprocess.run(
                [ROOT / "infra/quotas.sh", calls],
                capture_output=True,
                text=True,
                env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
            )
            assert done.returncode == code and named in done.stdout + done.stderr, (calls, done)


NEW_ACCOUNT = """#!/bin/sh
case "$*" in
*describe-vpcs*) echo 1 ;;
*get-service-quota*L-B99A9384*) printf '20.0\\tConcurrent executions\\n' ;;
*get-aws-default*L-3032A538*) printf '6.0\\tFargate On-Demand vCPU resource count\\n' ;;
*get-service-quota*L-8A5B8E43*) printf '10000.0\\tThrottle rate\\n' ;;
*get-service-quota*L-F678F1CE*) printf '5.0\\tVPCs per Region\\n' ;;
*) exit 254 ;;
esac
"""


# ---- helpers ----


def deployments():
    """Returns the parameters of each deployment by its stack's name."""
    found = {}
    for section in tomlkit.parse((ROOT / "samconfig.toml").read_text()).unwrap().values():
        if isinstance(section, dict):
            given = section["deploy"]["parameters"].get("parameter_overrides", [])
            found[section["global"]["parameters"]["stack_name"]] = dict(one.split("=", 1) for one in given)
    assert {"sightline", "sightline-staging", "sightline-prod"} <= set(found), found
    return {**found, **OTHERS}


def translated(parameters):
    """Returns what SAM makes of the template before CloudFormation sees it."""
    template = yaml.load((ROOT / "template.yaml").read_text(), Loader)
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    return transform(copy.deepcopy(template), dict(parameters), NoPolicies())


class NoPolicies:
    """The template names no managed policy of AWS by a short name."""

    def load(self):
        return {}


def build(name, parameters):
    return Stack(name, REGION, translated(parameters), parameters)


def nested(stack):
    for logical, (kind, given) in stack.resources().items():
        if kind == "AWS::CloudFormation::Stack":
            template = yaml.load((ROOT / given["TemplateURL"]).read_text(), Loader)
            yield Stack(f"{stack.name}-{logical}", REGION, template, given["Parameters"])


def with_nested(stack):
    """Returns (type, properties) of everything that the stack makes, by logical path."""
    found = dict(stack.resources())
    for part in nested(stack):
        prefix = part.name.removeprefix(f"{stack.name}-")
        found.update({f"{prefix}.{logical}": given for logical, given in part.resources().items()})
    return found


def names(stack):
    """Yields every name that the stack gives: by AWS's own schema of the type, and by its key."""
    for logical, (kind, given) in stack.resources().items():
        local = LOCAL.get(kind, "").split()
        chosen = primary(kind)
        for path, value in leaves(given):
            key = path[-1]
            named = NAMES.search(key) or (len(path) == 1 and key in chosen)
            # What refers to a resource of the stack is as unique as that resource.
            if named and key not in local and isinstance(value, str) and not value.startswith("<"):
                yield f"{kind}.{'.'.join(path)} = {value}"


def primary(kind):
    """Returns the properties that identify a resource and that a template may choose."""
    if kind.startswith("Custom::"):
        return set()
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return {path.removeprefix("/properties/") for path in schema["primaryIdentifier"]}


def leaves(node, path=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for value in node:
            yield from leaves(value, path)
    elif path:
        yield path, node


def waits_for(about, resources):
    """Returns the resources that CloudFormation makes before this one."""
    waits = about.get("DependsOn", [])
    text = json.dumps(about.get("Properties", {}))
    found = re.findall(r'"Ref": "(\w+)"|"Fn::GetAtt": \["(\w+)"|\$\{(\w+)[.}]', text)
    named = {one for found_in in found for one in found_in}
    return ({waits} if isinstance(waits, str) else set(waits)) | (named & set(resources))


def reached(start, before):
    found, left = set(), [start]
    while left:
        for one in before[left.pop()] - found:
            found.add(one)
            left.append(one)
    return found


def has_key(kind, given):
    """Whether a resource reads the value of a key while it starts or is made."""
    text = json.dumps(given)
    secret = "|".join(SECRETS)
    return kind != "AWS::CloudFormation::Stack" and re.search(rf"<({secret})\.Id of ", text) is not None


DEPLOYMENTS = deployments()
STACKS = {name: build(name, parameters) for name, parameters in DEPLOYMENTS.items()}
CHECKS = [
    it_lints_when_translated,
    no_name_is_in_two_stacks,
    changes_of_an_api_come_one_after_the_other,
    every_route_has_a_throttle_of_its_own,
    relays_have_an_api_of_their_own,
    a_new_round_reaches_whatever_has_a_key,
    a_relay_takes_as_many_rooms_as_its_processor_carries,
    a_firewall_of_the_account_is_attached,
    production_is_protected_and_nothing_is_kept_for_a_month_unasked,
    a_boundary_is_on_every_role,
    relays_grow_only_where_it_is_wanted,
    quotas_that_are_too_small_are_named,
]


def main():
    failed = 0
    for check in CHECKS:
        try:
            check()
            print(f"    ✔ {check.__name__}")
        except AssertionError as error:
            failed += 1
            print(f"    ✖ {check.__name__}: {error}")
    print(f"translated: {len(CHECKS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
