"""The stack in the emulator: `sam` as people call it, CloudFormation as `sam` calls it, and clients
of every service."""

import os
import re
import subprocess
import urllib.parse
from pathlib import Path

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import WaiterError

from stack import Loader

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".aws-sam" / "build"
# In the build's folder, because the template names files relative to itself.
REHEARSED = BUILT / "rehearsed.yaml"
STACK = "sightline"
# The emulator gives networks no range of IPv6.
PARAMETERS = {
    "BusinessName": '"Acme Repairs"',
    "AllowedSmsPrefixes": "+49",
    "SmsPerAgentDay": "3",
    "RelayIpv6": "false",
}


class Deployment:
    """One account in the emulator, and the stack of the template in it."""

    def __init__(self):
        self.cloud = None
        self.outputs = {}

    def sam(self, *words, environment=None, fine=(0,)):
        tools = ROOT / ".venv" / "sam" / "bin"
        environment = {
            **os.environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "eu-central-1",
            **(environment or {}),
        }
        return run(tools / "sam", *words, environment=environment, fine=fine)

    def point_pushes_here(self):
        """Replaces AWS's addresses for pushes in the template by the emulator's. The SDK cannot
        override these addresses."""
        text = (BUILT / "template.yaml").read_text()
        for api, stage in (("WsApi", "ws"), ("RelayApi", "relay")):
            address = f"https://${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{stage}"
            assert address in text, f"the template has the address for pushes of {api}"
            text = text.replace(address, f"{self.cloud['endpoint']}/_aws/execute-api/${{{api}}}/{stage}")
        REHEARSED.write_text(text)

    def deploy(self):
        overrides = [f"{name}={value}" for name, value in PARAMETERS.items()]
        return self.sam(
            "deploy",
            "--config-file",
            str(ROOT / "samconfig.toml"),
            "--template-file",
            str(REHEARSED),
            "--no-confirm-changeset",
            "--no-progressbar",
            "--parameter-overrides",
            *overrides,
            environment=self.here(),
        )

    def here(self):
        """Returns the variables that direct clients to the emulator instead of AWS."""
        return {
            "AWS_ENDPOINT_URL": self.cloud["endpoint"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def client(self, service, **credentials):
        given = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service,
            endpoint_url=self.cloud["endpoint"],
            region_name=self.cloud["region"],
            config=Config(retries={"max_attempts": 1}),
            **given,
        )

    def packaged(self):
        """Returns the address and the text of the template that `sam deploy` uploaded last."""
        storage = self.client("s3")
        buckets = [row["Name"] for row in storage.list_buckets()["Buckets"]]
        (bucket,) = [name for name in buckets if name.startswith("aws-sam-cli-managed-default")]
        rows = storage.list_objects_v2(Bucket=bucket)["Contents"]
        for row in sorted(rows, key=lambda row: row["LastModified"], reverse=True):
            if row["Key"].endswith(".template"):
                text = storage.get_object(Bucket=bucket, Key=row["Key"])["Body"].read().decode()
                if "AWS::Serverless" in text:
                    return f"{self.cloud['endpoint']}/{bucket}/{row['Key']}", text
        raise AssertionError("no template was uploaded")

    def repackaged(self, function, archive):
        """Uploads the template with another archive for a function. Returns its address."""
        address, text = self.packaged()
        _, bucket, _ = urllib.parse.urlsplit(address).path.split("/", 2)
        code = yaml.load(text, Loader)["Resources"][function]["Properties"]["CodeUri"]
        assert text.count(code) == 1, f"{function} has an archive of its own"
        text = text.replace(code, f"s3://{bucket}/{function}.zip")
        storage = self.client("s3")
        storage.upload_file(archive, bucket, f"{function}.zip")
        storage.put_object(Bucket=bucket, Key="changed.template", Body=text.encode())
        return f"{self.cloud['endpoint']}/{bucket}/changed.template"

    def stack(self, verb, name, address, parameters):
        """Makes or updates a stack, as `sam deploy` does when it has uploaded everything."""
        stacks = self.client("cloudformation")
        getattr(stacks, f"{verb}_stack")(
            StackName=name,
            TemplateURL=address,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value.strip('"')} for key, value in parameters.items()],
        )
        try:
            waiter = stacks.get_waiter(f"stack_{verb}_complete")
            waiter.wait(StackName=name, WaiterConfig={"Delay": 0.5, "MaxAttempts": 120})
        except WaiterError as error:
            events = stacks.describe_stack_events(StackName=name)["StackEvents"]
            reasons = [f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason')}" for one in events]
            raise AssertionError("; ".join(reasons[:8])) from error

    def delete(self, name):
        """The same request as `sam delete`, which rejects the address of the emulator's templates."""
        stacks = self.client("cloudformation")
        stacks.delete_stack(StackName=name)
        waiter = stacks.get_waiter("stack_delete_complete")
        waiter.wait(StackName=name, WaiterConfig={"Delay": 0.5, "MaxAttempts": 120})

    def output(self, name, key):
        stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}[key]

    def resources(self, name=STACK):
        return {logical: physical for logical, (_, physical) in self.rows(name).items()}

    def all_resources(self, name):
        """Returns physical ids by logical paths, those of nested stacks too."""
        found = {}
        for logical, (kind, physical) in self.rows(name).items():
            found[logical] = physical
            if kind == "AWS::CloudFormation::Stack":
                inner = self.all_resources(physical)
                found |= {f"{logical}.{path}": one for path, one in inner.items()}
        return found

    def rows(self, name):
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
        rows = [row for page in pages for row in page["StackResourceSummaries"]]
        return {row["LogicalResourceId"]: (row["ResourceType"], row["PhysicalResourceId"]) for row in rows}


def samconfig(environment):
    """Returns the parameters of a section of samconfig.toml."""
    section = (ROOT / "samconfig.toml").read_text().split(f"[{environment}.deploy.parameters]")[1]
    listed = re.search(r"parameter_overrides = \[(.*?)\n\]", section, re.DOTALL)[1]
    return dict(one.split("=", 1) for one in re.findall(r'^ *"(.*)",$', listed, re.MULTILINE))


def run(program, *words, environment=None, fine=(0,)):
    done = subprocess.run(
        [program, *words],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    name = f"{Path(program).name} {words[0]}"
    assert done.returncode in fine, f"{name} exited with {done.returncode}:\n{done.stdout[-4000:]}"
    return done.stdout
