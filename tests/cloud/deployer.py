#!/usr/bin/env python3
"""What a deployer may do: policies of IAM in infra/deployer/, made of the template.

    .venv/sam/bin/python tests/cloud/deployer.py [--write]

CloudFormation acts with the rights of its caller, and the schema of each resource type lists the
actions that making, reading, changing and deleting one takes. Each of these actions is allowed on
the names of this system, as far as IAM can tell names apart (the Service Authorization Reference,
as parliament has it). `--write` stores the policies; without it they are compared with what is
stored, and parliament reads them.
"""

import fnmatch
import json
import re
import subprocess
import sys
from pathlib import Path

from stack import REGION, ROOT
from translated import PROVIDER_SCHEMA_MANAGER, STACKS, report, with_nested

FOLDER = ROOT / "infra" / "deployer"
PARLIAMENT = ROOT / ".venv" / "policy" / "bin" / "python"
# A managed policy (IAM User Guide, "IAM and AWS STS quotas"), without white space.
CHARACTERS_MAX = 6144
BOUNDARY = "arn:aws:iam::${aws:PrincipalAccount}:policy/sightline-boundary"

# In the schemas, but for what the template does not use: keys, streams and file systems of one's
# own, other networks, signed code, users and groups of IAM. The last would take a role's boundary
# away.
NOT_USED = """
kms:* kinesis:* firehose:* s3tables:* s3files:* elasticfilesystem:* billing:* codedeploy:*
ec2:*Vpn* ec2:DescribeInstances cloudfront:*ConnectionGroup cloudfront:GetVpcOrigin
lambda:PutFunctionCodeSigningConfig iam:*GroupPolicy iam:*UserPolicy
iam:DeleteRolePermissionsBoundary
""".split()

# What `sam deploy`, the console of a stack and the scripts of infra/ ask for besides.
BESIDES = """
cloudformation:CreateChangeSet cloudformation:CreateStack cloudformation:DeleteChangeSet
cloudformation:DeleteStack cloudformation:DescribeChangeSet cloudformation:DescribeStackEvents
cloudformation:DescribeStackResource cloudformation:DescribeStackResources
cloudformation:DescribeStacks cloudformation:ExecuteChangeSet cloudformation:GetTemplate
cloudformation:GetTemplateSummary cloudformation:ListStackResources cloudformation:TagResource
cloudformation:UpdateStack cloudformation:UpdateTerminationProtection
cloudformation:ValidateTemplate lambda:InvokeFunction s3:GetBucketLocation s3:GetObject
s3:ListBucket s3:PutObject servicequotas:GetAWSDefaultServiceQuota servicequotas:GetServiceQuota
""".split()

# Resource types of IAM, and what a resource of ours is called. Others of these services are not
# ours; of services that are not listed every name is, because AWS chooses it.
NAMES = {
    "cloudformation:stack": ["stack/sightline*/*", "stack/aws-sam-cli-managed-default/*"],
    "cloudwatch:alarm": ["alarm:sightline*"],
    "cloudwatch:dashboard": ["dashboard/sightline*"],
    "dynamodb:table": ["table/sightline*"],
    "ecr:repository": ["repository/sightline*"],
    "ecs:cluster": ["cluster/sightline*"],
    "ecs:service": ["service/sightline*"],
    "ecs:service-deployment": ["service-deployment/sightline*"],
    "ecs:task-definition": ["task-definition/sightline*:*"],
    "iam:policy": ["policy/sightline*-Talking-*"],
    "iam:role": ["role/sightline*"],
    "lambda:function": ["function:sightline*"],
    "logs:log-group": ["log-group:/sightline/*", "log-group:/aws/vendedlogs/sightline/*"],
    "s3:bucket": ["sightline*", "aws-sam-cli-managed-default*"],
    "s3:object": ["sightline*/*", "aws-sam-cli-managed-default*/*"],
    "scheduler:schedule": ["schedule/default/sightline*"],
    "secretsmanager:Secret": [f"secret:{name}-*" for name in ("CaseKey", "OriginSecret", "RelayKey", "SigningKey")],
    "sns:topic": ["sightline*"],
    "sqs:queue": ["sightline*"],
}
# Types of services that have hundreds.
OURS = {
    "cognito-idp": {"userpool"},
    "ec2": {"internet-gateway", "route-table", "security-group", "security-group-rule", "subnet", "vpc"},
}
# The API has no names: its resources are the paths of its own API.
APIS = ["account", "apis", "apis/*", "tags/*"]

CONDITIONS = {
    # Nobody makes a role that may more than the boundary, or gives one more that is without it.
    ("iam:PermissionsBoundary", BOUNDARY): """
        iam:AttachRolePolicy iam:CreateRole iam:DeleteRolePolicy iam:DetachRolePolicy
        iam:PutRolePermissionsBoundary iam:PutRolePolicy""",
    ("iam:PassedToService", "apigateway ecs-tasks lambda scheduler"): "iam:PassRole",
    ("iam:AWSServiceName", "ecs ecs.application-autoscaling"): "iam:CreateServiceLinkedRole",
}
SERVICE_ROLES = "arn:aws:iam::*:role/aws-service-role/*"


def main():
    if "--write" in sys.argv:
        FOLDER.mkdir(exist_ok=True)
        for path in FOLDER.glob("policy-*.json"):
            path.unlink()
        for name, policy in policies().items():
            (FOLDER / name).write_text(policy)
    report("deployer", CHECKS)


def the_policies_are_those_of_the_template():
    stored = {path.name: path.read_text() for path in FOLDER.glob("policy-*.json")}
    assert stored == policies(), "run tests/cloud/deployer.py --write"
    print(f"    {len(needed())} actions for {len(types())} types, {len(stored)} policies")


def the_pipeline_has_all_of_them():
    names = {f"sightline-{path.stem}" for path in FOLDER.glob("policy-*.json")}
    for path in ("infra/pipeline/role.yaml", "docs/deploy.md"):
        found = {f"sightline-{name}" for name in re.findall(r"\bpolicy-\d+", (ROOT / path).read_text())}
        assert found == names, f"{path}: {found ^ names}"


def parliament_finds_nothing():
    files = sorted(FOLDER.glob("*.json"))
    assert len(files) > 1, files
    found = ask(FINDINGS, [path.read_text() for path in files])
    assert not found, json.dumps(found)[:2000]


def no_way_leads_around_the_boundary():
    """What makes a role, or gives one rights, has the condition; nothing changes the boundary."""
    boundary = "arn:aws:iam::123456789012:policy/sightline-boundary"
    for statement in statements():
        actions = [action for action in statement["Action"] if action.startswith("iam:")]
        writes = [one for one in actions if not re.match(r"iam:(Get|List|Tag|Untag|Delete|UpdateRole|UpdateAssume)", one)]
        on_roles = any(":role/" in resource for resource in statement["Resource"])
        assert not (writes and on_roles) or "Condition" in statement, f"{writes} without a condition"
        for resource in statement["Resource"]:
            assert not actions or resource != "*" or not writes, f"{writes} on everything"
            assert not actions or not matches(boundary, resource) or not writes, f"{writes} on the boundary"


def the_boundary_holds_every_role():
    """Each right of each role of the stack is within infra/deployer/boundary.json."""
    within = json.loads((FOLDER / "boundary.json").read_text())["Statement"]
    checked = 0
    for stack in STACKS.values():
        if "own" in stack.name:
            continue
        for path, (kind, given) in with_nested(stack).items():
            if kind not in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
                continue
            documents = [one["PolicyDocument"] for one in given.get("Policies", [])]
            documents += [given["PolicyDocument"]] if "PolicyDocument" in given else []
            for statement in [one for document in documents for one in document["Statement"]]:
                for action in listed(statement["Action"]):
                    checked += 1
                    covered = any(fnmatch.fnmatchcase(action, allowed) for one in within for allowed in one["Action"])
                    assert covered, f"{path} of {stack.name}: {action}"
    assert checked > 50, checked


CHECKS = [
    the_policies_are_those_of_the_template,
    the_pipeline_has_all_of_them,
    parliament_finds_nothing,
    no_way_leads_around_the_boundary,
    the_boundary_holds_every_role,
]


# ---- helpers ----


def policies():
    """Returns the text of each policy by its file's name."""
    found, size = [[]], 0
    for statement in statements():
        length = len(json.dumps(statement, separators=(",", ":"))) + 1
        if size + length > CHARACTERS_MAX - 50:
            found.append([])
            size = 0
        found[-1].append(statement)
        size += length
    texts = {}
    for at, part in enumerate(found):
        policy = {"Version": "2012-10-17", "Statement": part}
        texts[f"policy-{at + 1}.json"] = json.dumps(policy, indent=2) + "\n"
    return texts


def statements():
    """Returns the statements: one for each list of resources and each condition."""
    groups = {}
    conditions = {action: key for key, actions in CONDITIONS.items() for action in actions.split()}
    for action in sorted(needed()):
        key = (action.split(":")[0], tuple(resources(action)), conditions.get(action))
        groups.setdefault(key, []).append(action)
    made = []
    for (_, on, condition), actions in sorted(groups.items(), key=lambda group: str(group[0])):
        statement = {"Effect": "Allow", "Action": actions, "Resource": list(on)}
        if condition:
            name, values = condition
            operator = "ArnEquals" if values == BOUNDARY else "StringEquals"
            values = [values] if values == BOUNDARY else [f"{one}.amazonaws.com" for one in values.split()]
            statement["Condition"] = {operator: {name: values}}
        made.append(statement)
    return made


def needed():
    """Returns the actions that the types of the template take, and those of the tools."""
    found = set(BESIDES) | {"iam:CreateServiceLinkedRole", "iam:PassRole"}
    for kind in types():
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
        assert schema.get("handlers"), f"{kind} says nothing about permissions"
        for handler in schema["handlers"].values():
            found |= set(handler.get("permissions", []))
    known = {f"{service}:{name}" for service, about in definitions().items() for name in about["privileges"]}
    used = {one for one in found if not any(fnmatch.fnmatchcase(one, other) for other in NOT_USED)}
    # A schema writes some letters in another case than IAM, and has wildcards.
    by_case = {one.lower(): one for one in known}
    exact = {by_case.get(one.lower(), one) for one in used if "*" not in one}
    for pattern in [one for one in used if "*" in one]:
        exact |= {one for one in known if fnmatch.fnmatchcase(one.lower(), pattern.lower())}
    return exact & known


def types():
    kinds = {kind for stack in STACKS.values() for kind, _ in with_nested(stack).values()}
    return sorted(kind for kind in kinds if not kind.startswith("Custom::"))


def resources(action):
    """Returns what an action is allowed on: the names of this system where IAM can tell names."""
    service, name = action.split(":")
    if service == "apigateway":
        return [f"arn:aws:apigateway:*::/{path}" for path in APIS]
    if action == "iam:CreateServiceLinkedRole":
        return [SERVICE_ROLES]
    about = definitions()[service]
    kinds = [kind for kind in about["privileges"][name] if kind]
    named = [kind for kind in kinds if f"{service}:{kind}" in NAMES]
    kinds = named or [kind for kind in kinds if kind in OURS.get(service, {kind})] or kinds
    found = [arn for kind in kinds for arn in arns(service, kind, about["resources"][kind])]
    # SAM's transform belongs to AWS.
    if action == "cloudformation:CreateChangeSet":
        found.append("arn:aws:cloudformation:*:*:transform/Serverless-2016-10-31")
    return sorted(set(found)) or ["*"]


def arns(service, kind, form):
    form = form.replace("${Partition}", "aws")
    form = re.sub(r"\$\{(Region|Account)\}", "*", form)
    names = NAMES.get(f"{service}:{kind}")
    if names is None:
        return [re.sub(r"\$\{\w+\}", "*", form)]
    head = ":".join(form.split(":")[:5])
    return [f"{head}:{name}" for name in names]


def matches(arn, pattern):
    return fnmatch.fnmatchcase(arn, pattern)


def listed(node):
    return node if isinstance(node, list) else [node]


KNOWN = {}


def definitions():
    """Returns the actions and resource types of each service, as parliament knows them."""
    if not KNOWN:
        KNOWN.update(ask(DEFINITIONS, None))
    return KNOWN


def ask(code, given):
    code = f"import json, sys, warnings\nwarnings.filterwarnings('ignore')\nimport parliament\n{code}"
    done = subprocess.run(
        [PARLIAMENT, "-c", code], input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


DEFINITIONS = """
found = {}
for service in parliament.iam_definition:
    one = found.setdefault(service["prefix"], {"privileges": {}, "resources": {}})
    for privilege in service["privileges"]:
        kinds = [kind["resource_type"].strip("*") for kind in privilege["resource_types"]]
        one["privileges"][privilege["privilege"]] = kinds
    one["resources"].update({kind["resource"]: kind["arn"] for kind in service["resources"]})
print(json.dumps(found))
"""

FINDINGS = """
found = []
for text in json.load(sys.stdin):
    policy = parliament.analyze_policy_string(text)
    found += [[one.issue, str(one.detail)[:300]] for one in policy.findings]
print(json.dumps(found))
"""


if __name__ == "__main__":
    main()
