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

# Deployments beside those of samconfig.toml. They take the other branches of the template. The
# first three of all are linted in CI, where each takes five seconds.
LINTED_IN_CI = ["sightline", "sightline-own", "sightline-again"]
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
    "sightline-again": {
        "ExistingTable": "sightline-restored",
        "ExistingPictures": "sightline-pictures-1",
        "ExistingUserPool": "eu-central-1_A1b2C3d4E",
        "AgentGroup": "agents",
    },
    "sightline-large": {
        "RelayCount": "10",
        "RelayMax": "50",
        "RelayCpu": "4096",
        "RelayMemory": "8192",
        "HttpRate": "5000",
        "ConnectRate": "1000",
        "MessageRate": "10000",
        "WarmWrites": "10000",
        "Tracing": "Active",
        "PriceClass": "PriceClass_All",
        "AlarmEmail": "ops@example.com",
        "MonthlyUsd": "20000",
    },
    "sightline-quiet": {
        "SmsOff": "true",
        "SmsPerDay": "0",
        "SmsPerAgentDay": "0",
        "RetentionDays": "1",
        "PictureDays": "1",
        "SummaryDays": "1",
        "AuditDays": "1",
        "RecoveryDays": "35",
        "LogDays": "731",
        "RelayIpv6": "false",
        "InviteMinutes": "1440",
        "AllowedSmsPrefixes": "+49",
    },
    "sightline-strict": {
        "Mfa": "ON",
        "Protect": "true",
        "AgentGroup": "admin",
        "WebAclArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/own/1",
        "PermissionsBoundary": "arn:aws:iam::123456789012:policy/boundary",
    },
    "sightline-domain": {
        "DomainName": "help.example.com",
        "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
        "Issuer": "https://id.example.com",
        "ClientId": "sightline",
        "AgentGroup": "agents",
        "GroupsClaim": "groups",
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
    "AWS::ApplicationAutoScaling::ScalableTarget": "ScalableDimension ServiceNamespace",
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

SECRETS = ["SigningKey", "RelayKey", "OriginSecret", "CaseKey"]
RATES = {"HttpRate": 500, "ConnectRate": 200, "MessageRate": 2000}
# Rooms and threads of a relay by its processor units.
SIZES = {"256": ("16", "1"), "512": ("32", "1"), "1024": ("64", "1"), "2048": ("128", "2"), "4096": ("256", "4")}


def it_lints_when_translated():
    """Each deployment with its own parameters, which decide the conditions that the linter follows."""
    linted = LINTED_IN_CI if os.environ.get("CI") else list(DEPLOYMENTS)
    with tempfile.TemporaryDirectory(prefix="sightline-translated-") as folder:
        for name in linted:
            output, given = Path(folder) / f"{name}.json", Path(folder) / f"{name}.parameters"
            # As `sam deploy` does, when it has uploaded a nested template.
            uploaded = '"https://s3.amazonaws.com/bucket/key"'
            text = json.dumps(translated(DEPLOYMENTS[name]), indent=1)
            output.write_text(re.sub(r'"infra/\w+\.yaml"', uploaded, text))
            keyed = [{"ParameterKey": key, "ParameterValue": value} for key, value in DEPLOYMENTS[name].items()]
            given.write_text(json.dumps(keyed))
            done = lint(output, "--parameter-files", given)
            assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    print(f"    {len(linted)} of {len(DEPLOYMENTS)} deployments linted")
    assert len(DEPLOYMENTS) >= 10, list(DEPLOYMENTS)


def lint(template, *options):
    program = Path(sys.executable).with_name("cfn-lint")
    return subprocess.run(
        [program, "--regions", REGION, *options, "--", template], capture_output=True, text=True
    )


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


def a_relay_takes_as_many_rooms_as_its_processors_carry_and_each_has_a_thread_with_a_port():
    for units, (most, threads) in SIZES.items():
        found = with_nested(build("sightline", {"RelayCpu": units, "RelayMemory": "8192"}))
        container = found["Relay.Task"][1]["ContainerDefinitions"][0]
        variables = {one["Name"]: one["Value"] for one in container["Environment"]}
        assert (variables["SIGHTLINE_ROOMS_MAX"], variables["SIGHTLINE_THREADS"]) == (most, threads), (units, variables)
        first = int(variables["SIGHTLINE_MEDIA"].rsplit(":", 1)[1])
        wanted = set(range(first, first + int(threads)))
        mapped = {one["ContainerPort"] for one in container["PortMappings"] if one["Protocol"] == "udp"}
        assert wanted <= mapped, (units, mapped)
        for rule in found["Relay.Firewall"][1]["SecurityGroupIngress"]:
            open_to = set(range(rule["FromPort"], rule["ToPort"] + 1))
            assert rule["IpProtocol"] != "udp" or open_to == mapped, (units, rule)


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


def what_stood_before_is_adopted():
    """Each function, role and page has the names that were given, and no new table, bucket or pool."""
    first, again = (with_nested(STACKS[name]) for name in ("sightline", "sightline-again"))
    data = {"Table", "Pictures", "PicturesPolicy", "UserPool", "UserPoolAdmins"}
    assert data <= set(first) and set(first) - set(again) == data, set(first) ^ set(again)
    for resource, name in (("Table", "ExistingTable"), ("Pictures", "ExistingPictures"), ("UserPool", "ExistingUserPool")):
        made = re.compile(rf"<{resource}(\.\w+)? of ")
        given = OTHERS["sightline-again"][name]
        users = [path for path, (_, about) in first.items() if path not in data and made.search(json.dumps(about))]
        assert users, f"nothing uses {resource}"
        for path in users:
            text = json.dumps(again[path][1])
            assert given in text and not made.search(text), f"{path} does not use {name}"
    name = OTHERS["sightline-again"]["ExistingPictures"]
    for policy in ("PageHeaders", "CustomerHeaders"):
        headers = again[policy][1]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        assert f"https://{name}.s3." in headers["ContentSecurityPolicy"]["ContentSecurityPolicy"], headers


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


def relays_have_both_families_unless_told_otherwise():
    for name, wanted in (("sightline", True), ("sightline-arm", True), ("sightline-quiet", False)):
        found = with_nested(STACKS[name])
        assert ("Relay.Range6" in found, "Relay.WayOut6" in found) == (wanted, wanted), name
        ranges = [found[f"Relay.Subnet{zone}"][1].get("Ipv6CidrBlock") for zone in "AB"]
        assert (None in ranges) != wanted and (len(set(ranges)) == 2) == wanted, f"{name}: {ranges}"
        (firewall,) = [given for path, (_, given) in found.items() if path == "Relay.Firewall"]
        open_to = [(one["IpProtocol"], one["FromPort"], one["ToPort"]) for one in firewall["SecurityGroupIngress"]]
        assert sorted(open_to) == sorted([("udp", 3478, 3481), ("tcp", 443, 443)] * 2), "the same ports for both"


def every_alarm_has_a_page():
    text = (ROOT / "docs" / "alarms.md").read_text()
    pages = {}
    for page in text.split("\n## ")[1:]:
        _, names, body = page.split("\n\n", 2)
        pages.update({name: body for name in re.findall(r"`(\w+)`", names)})
    alarms = yaml.load((ROOT / "infra/alarms.yaml").read_text(), Loader)["Resources"]
    alarms = {logical for logical, about in alarms.items() if about["Type"] == "AWS::CloudWatch::Alarm"}
    assert set(pages) == alarms, set(pages) ^ alarms
    for name, body in pages.items():
        assert all(f"- **{part}**: " in body for part in ("Means", "Look", "Do")), name


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
    a_relay_takes_as_many_rooms_as_its_processors_carry_and_each_has_a_thread_with_a_port,
    a_firewall_of_the_account_is_attached,
    production_is_protected_and_nothing_is_kept_for_a_month_unasked,
    what_stood_before_is_adopted,
    a_boundary_is_on_every_role,
    relays_grow_only_where_it_is_wanted,
    relays_have_both_families_unless_told_otherwise,
    every_alarm_has_a_page,
    quotas_that_are_too_small_are_named,
]


def report(name, checks):
    """Plays all checks, tells of each, and ends with what became of them."""
    failed = 0
    for check in checks:
        try:
            check()
            print(f"    ✔ {check.__name__}")
        except AssertionError as error:
            failed += 1
            print(f"    ✖ {check.__name__}: {error}")
    print(f"{name}: {len(checks) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    report("translated", CHECKS)
