#!/usr/bin/env python3
"""A cloud on this machine: MiniStack on a free loopback port, with template.yaml's data resources.

Prints one line of JSON when it is ready ({"endpoint", "region", "resources": {logical id: physical
id}}) and runs until its standard input closes. Resources come from template.yaml itself, so tests
use the same tables and buckets as a deployment.

References to resources that are not made here, such as the public address in a list of allowed
origins, become --origin.

    stack.py [--auth [--plain]] [--types AWS::DynamoDB::Table,AWS::S3::Bucket]
             [--origin http://127.0.0.1:8080]
"""

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import boto3
import yaml

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"
DATA = ",".join(
    [
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolDomain",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
    ]
)
ORIGIN = "https://sightline.invalid"
START_S = 30


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--auth", action="store_true", help="enforce IAM, as AWS does")
    asked.add_argument("--types", default=DATA, help="types of resources to make, possibly empty")
    asked.add_argument("--origin", default=ORIGIN, help="public base URL that pages come from")
    plain = "do not treat loopback as TLS, so that buckets refuse requests (with --auth)"
    asked.add_argument("--plain", action="store_true", help=plain)
    asked = asked.parse_args()
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="sightline-cloud-") as folder:
        process = start(port, endpoint, Path(folder), asked)
        # On SIGTERM too, stop MiniStack before exiting.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            wait(endpoint, process)
            types = {name for name in asked.types.split(",") if name}
            resources = deploy(endpoint, types, asked.origin) if types else {}
            print(json.dumps({"endpoint": endpoint, "region": REGION, "resources": resources}), flush=True)
            sys.stdin.read()
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(port, endpoint, folder, asked):
    # MiniStack's default is to listen on every address of the machine.
    environment = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "AWS_ENDPOINT_URL": endpoint,
        "AUTH": "true" if asked.auth else "false",
        "STACK_PLAIN": "1" if asked.plain else "",
        "TMPDIR": str(folder),
    }
    log = open(folder / "log", "wb")
    command = [sys.executable, Path(__file__).with_name("emulator.py")]
    return subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)


def wait(endpoint, process):
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=1)
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("MiniStack did not start")


def client(endpoint, service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def deploy(endpoint, types, origin):
    """Deploys the template's resources of these types. Returns physical ids by logical ids."""
    template = yaml.load((ROOT / "template.yaml").read_text(), Loader)
    template.pop("Transform", None)
    template.pop("Outputs", None)
    template.pop("Globals", None)
    resources = template["Resources"]
    made = {name: resource for name, resource in resources.items() if resource["Type"] in types}
    template["Resources"] = without(made, resources.keys() - made.keys(), origin)
    cloud = client(endpoint, "cloudformation")
    cloud.create_stack(
        StackName="sightline",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM"],
    )
    cloud.get_waiter("stack_create_complete").wait(
        StackName="sightline", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
    )
    made = cloud.describe_stack_resources(StackName="sightline")["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in made}


def without(node, left_out, origin):
    """Returns a copy with `origin` in place of references to resources that are left out."""
    host = origin.removeprefix("https://")
    if isinstance(node, list):
        return [without(one, left_out, origin) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("Ref") in left_out or (node.get("Fn::GetAtt") or [None])[0] in left_out:
        return host
    if isinstance(node.get("Fn::Sub"), str):
        text = node["Fn::Sub"]
        for name in left_out:
            # Replaces "https://" too, so that an origin with http keeps its scheme.
            address = re.compile(r"(https://)?\$\{" + re.escape(name) + r"(\.[A-Za-z.]+)?\}")
            text = address.sub(lambda found: origin if found[1] else host, text)
        return {"Fn::Sub": text}
    kept = {key: value for key, value in node.items() if key != "DependsOn"}
    return {key: without(value, left_out, origin) for key, value in kept.items()}


class Loader(yaml.SafeLoader):
    """Reads YAML with CloudFormation's short forms."""


def short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", short_form)

if __name__ == "__main__":
    main()
