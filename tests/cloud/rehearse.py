#!/usr/bin/env python3
"""The deployment, rehearsed: validate, lint, build, deploy into MiniStack with IAM enforced, and look at what stands there.

    rehearse.py [--skip-build]

Prints the figures that docs/figures.md quotes, and closes with a line that counts the checks.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import traceback
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import boto3
import yaml
from botocore.config import Config

from functions import Functions
from stack import Loader

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".aws-sam" / "build"
# Beside what was built, since it names files relative to itself.
REHEARSED = BUILT / "rehearsed.yaml"
STACK = "sightline"
NESTED = ["infra/relay.yaml", "infra/alarms.yaml"]
TEMPLATES = ["template.yaml", *NESTED]
ELF_X86_64 = 62
# Rights that AWS knows no narrower: a text message and its opt-out belong to no resource, nor does
# ECR's token.
WIDE = {("InviteRole", "sns:Publish"), ("InviteRole", "sns:CheckIfPhoneNumberIsOptedOut"), ("StartRole", "ecr:GetAuthorizationToken")}
PARAMETERS = {"BusinessName": '"Acme Repairs"', "AllowedSmsPrefixes": "+49", "SmsPerAgentDay": "3"}


class Rehearsal:
    """One deployment and the checks on it, in the order they are written."""

    def __init__(self, asked):
        self.asked = asked
        self.cloud = None
        self.outputs = {}
        self.functions = None

    def it_validates(self):
        self.sam("validate", "--lint")
        # SAM looks at the one file only.
        run(ROOT / ".venv" / "sam" / "bin" / "cfn-lint", *NESTED)

    def nothing_in_it_should_not_be_deployed(self):
        checkov = ROOT / ".venv" / "lint" / "bin" / "checkov"
        run(checkov, "--framework", "cloudformation", "--compact", "--quiet", "--skip-download", "--config-file", ".checkov.yaml",
            *(word for template in TEMPLATES for word in ("-f", template)))

    def no_right_is_wider_than_the_few_that_have_to_be(self):
        found = {(role, action) for template in TEMPLATES for role, action in wide_rights(template)}
        assert found == WIDE, f"too wide: {found - WIDE}, narrower now: {WIDE - found}"

    def it_builds_without_copying_what_is_built(self):
        if not self.asked.skip_build:
            begun = time.monotonic()
            said = self.sam("build")
            print(f"    sam build: {time.monotonic() - begun:.0f} s")
            assert "CustomMakeBuilder:MakeBuild" in said, f"SAM tells what it does: {said[-2000:]}"
            assert "CopySource" not in said, "SAM has copied the sources, and what was built beside them"
        total = 0
        for folder in sorted(path for path in BUILT.iterdir() if path.is_dir()):
            names = {path.name for path in folder.rglob("*")}
            assert not names & {"target", "node_modules", ".git"}, f"{folder.name} has copied {names}"
            if not (folder / "bootstrap").exists():
                continue
            size = zipped(folder)
            total += size
            print(f"    {folder.name}: {size / 1e6:.2f} MB zipped, {(folder / 'bootstrap').stat().st_size / 1e6:.2f} MB program")
            assert size < 50e6, f"{folder.name} is larger than Lambda takes directly"
            # e_machine (ELF specification, "ELF Header"): SAM builds for whatever machine it runs
            # on.
            machine = int.from_bytes((folder / "bootstrap").read_bytes()[18:20], "little")
            assert machine == ELF_X86_64, f"{folder.name} is a program for machine {machine}"
        assert total > 0, "nothing was built"

    def it_deploys(self):
        self.point_pushes_here()
        begun = time.monotonic()
        said = self.deploy()
        assert "Successfully created/updated stack" in said, said[-3000:]
        print(f"    sam deploy: {time.monotonic() - begun:.0f} s")
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        origin = self.outputs["AgentUrl"].removesuffix("/agent")
        self.functions = Functions(self.client, self.resources(), origin)

    def a_second_deployment_has_nothing_to_do(self):
        said = self.deploy()
        assert "No changes to deploy" in said, said[-3000:]

    def the_image_in_the_registry_is_the_relay_that_was_built(self):
        resources = self.resources()
        registry = self.client("ecr")
        images = registry.list_images(repositoryName=resources["Repository"])["imageIds"]
        assert len(images) == 1, images
        answer = registry.batch_get_image(repositoryName=resources["Repository"], imageIds=images)
        manifest = json.loads(answer["images"][0]["imageManifest"])
        digest = "sha256:" + hashlib.sha256(answer["images"][0]["imageManifest"].encode()).hexdigest()
        assert images[0]["imageDigest"] == digest, images
        program = (BUILT / "Publisher" / "sightline-relay").read_bytes()
        layer = manifest["layers"][0]
        url = registry.get_download_url_for_layer(repositoryName=resources["Repository"], layerDigest=layer["digest"])["downloadUrl"]
        blob = self.blob(urllib.parse.urlsplit(url).path, layer)
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(blob))) as tar:
            files = {member.name: tar.extractfile(member).read() for member in tar}
        assert files == {"sightline-relay": program}, "the layer holds the relay and nothing else"
        task = self.task()
        assert task["image"].endswith(f"@{digest}"), f"the task runs {task['image']}"

    def blob(self, path, layer):
        """The address that is given is AWS's; the emulator has the same path."""
        with urllib.request.urlopen(self.cloud["endpoint"] + path, timeout=30) as answer:
            blob = answer.read()
        assert "sha256:" + hashlib.sha256(blob).hexdigest() == layer["digest"], "the layer is what its digest says"
        return blob

    def the_dockerfile_makes_the_same_image(self):
        with tempfile.TemporaryDirectory(prefix="sightline-image-") as folder:
            storage = ["--storage-driver", "vfs", "--root", f"{folder}/root", "--runroot", f"{folder}/run"]
            build = ["bud", "--isolation", "chroot", "--format", "oci", "--tag", "sightline-relay", "--file", "infra/Dockerfile"]
            run("buildah", *storage, *build, BUILT / "Publisher")
            run("buildah", *storage, "push", "sightline-relay", f"oci-archive:{folder}/image.tar")
            with tarfile.open(f"{folder}/image.tar") as image:
                blob = lambda part: image.extractfile("blobs/" + part["digest"].replace(":", "/")).read()
                manifest = json.loads(blob(json.load(image.extractfile("index.json"))["manifests"][0]))
                config = json.loads(blob(manifest["config"]))["config"]
                (layer,) = manifest["layers"]
                with tarfile.open(fileobj=io.BytesIO(blob(layer))) as tar:
                    files = {member.name: (member.mode & 0o777, tar.extractfile(member).read()) for member in tar if member.isfile()}
        program = (BUILT / "Publisher" / "sightline-relay").read_bytes()
        assert files == {"sightline-relay": (0o755, program)}, f"the layer holds the relay and nothing else, not {list(files)}"
        assert config["User"] == self.task()["user"], config
        assert config["Entrypoint"] == ["/sightline-relay"], config

    def task(self):
        containers = self.client("ecs")
        definitions = containers.list_task_definitions()["taskDefinitionArns"]
        assert len(definitions) == 1, definitions
        definition = containers.describe_task_definition(taskDefinition=definitions[0])["taskDefinition"]
        return definition["containerDefinitions"][0]

    def the_pages_in_the_bucket_are_the_pages_that_were_built(self):
        bucket = self.resources()["Web"]
        storage = self.client("s3")
        there = {row["Key"] for row in storage.list_objects_v2(Bucket=bucket)["Contents"]}
        built = ROOT / "web" / "dist"
        names = {"j.html": "j", "agent.html": "agent"}
        wanted = {}
        for path in built.rglob("*"):
            if path.is_file() and path.suffix not in (".br", ".gz"):
                name = path.relative_to(built).as_posix()
                wanted[names.get(name, name)] = path.read_bytes()
        assert there == set(wanted), there ^ set(wanted)
        for key, content in wanted.items():
            found = storage.get_object(Bucket=bucket, Key=key)
            assert found["Body"].read() == content, key
            if key in ("j", "agent"):
                assert found["ContentType"].startswith("text/html") and found["CacheControl"] == "no-cache", key
            elif key.startswith("assets/"):
                assert "immutable" in found["CacheControl"], key

    def every_role_is_enough(self):
        self.functions.do_their_work()

    def text_messages_are_switched_off_and_on_by_one_command(self):
        first = self.parameters()
        for wanted, value in (("off", "true"), ("on", "false")):
            assert f"text messages of {STACK} are {wanted}\n" in self.sms(wanted)
            assert self.parameters() == {**first, "SmsOff": value}, "every other parameter stays"
            assert f"are {wanted} already" in self.sms(wanted)
        assert "cannot be read" in self.sms("off", "another", fine=(1,))

    def sms(self, *words, fine=(0,)):
        environment = {**os.environ, "PATH": f"{ROOT / '.venv' / 'aws' / 'bin'}:{os.environ['PATH']}", "AWS_DEFAULT_REGION": self.cloud["region"], **self.here()}
        return run(ROOT / "infra" / "sms.sh", *words, environment=environment, fine=fine)

    def parameters(self):
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}

    def what_people_made_outlives_the_stack(self):
        before = self.resources()
        # What `sam delete` asks for, which itself takes the address of the emulator's templates for
        # a wrong one.
        stacks = self.client("cloudformation")
        stacks.delete_stack(StackName=STACK)
        stacks.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        self.client("dynamodb").describe_table(TableName=before["Table"])
        self.client("cognito-idp").describe_user_pool(UserPoolId=before["UserPool"])
        self.client("secretsmanager").get_secret_value(SecretId=before["SigningKey"])
        buckets = {row["Name"] for row in self.client("s3").list_buckets()["Buckets"]}
        assert before["Pictures"] in buckets, "the pictures stay"
        assert before["Web"] not in buckets, "the pages go"
        repositories = [row["repositoryName"] for row in self.client("ecr").describe_repositories()["repositories"]]
        assert before["Repository"] not in repositories, "the relay's image goes"

    def and_no_role_is_more(self):
        tried = self.functions.try_what_they_may_not()
        allowed = [str(one) for one in tried if one.allowed]
        assert not allowed, "allowed, and should not be: " + ", ".join(allowed)
        print(f"    {len(tried)} forbidden calls, all refused")

    # ---- how ----

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
        """Of all addresses this one is not the SDK's to choose: pushes go to the API's own, which is not AWS's here."""
        text = (BUILT / "template.yaml").read_text()
        address = "https://${WsApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/ws"
        assert address in text, "the template says where pushes go"
        text = text.replace(address, f"{self.cloud['endpoint']}/_aws/execute-api/${{WsApi}}/ws")
        REHEARSED.write_text(text)

    def deploy(self):
        overrides = [f"{name}={value}" for name, value in PARAMETERS.items()]
        return self.sam(
            "deploy", "--config-file", str(ROOT / "samconfig.toml"), "--template-file", str(REHEARSED), "--no-confirm-changeset", "--no-progressbar", "--parameter-overrides", *overrides, environment=self.here()
        )

    def here(self):
        """The emulator in place of AWS."""
        return {"AWS_ENDPOINT_URL": self.cloud["endpoint"], "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

    def client(self, service, **credentials):
        given = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service,
            endpoint_url=self.cloud["endpoint"],
            region_name=self.cloud["region"],
            config=Config(retries={"max_attempts": 1}),
            **given,
        )

    def resources(self):
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
        return {row["LogicalResourceId"]: row["PhysicalResourceId"] for page in pages for row in page["StackResourceSummaries"]}


CHECKS = [
    Rehearsal.it_validates,
    Rehearsal.nothing_in_it_should_not_be_deployed,
    Rehearsal.no_right_is_wider_than_the_few_that_have_to_be,
    Rehearsal.it_builds_without_copying_what_is_built,
    Rehearsal.it_deploys,
    Rehearsal.a_second_deployment_has_nothing_to_do,
    Rehearsal.the_image_in_the_registry_is_the_relay_that_was_built,
    Rehearsal.the_dockerfile_makes_the_same_image,
    Rehearsal.the_pages_in_the_bucket_are_the_pages_that_were_built,
    Rehearsal.every_role_is_enough,
    Rehearsal.and_no_role_is_more,
    Rehearsal.text_messages_are_switched_off_and_on_by_one_command,
    Rehearsal.what_people_made_outlives_the_stack,
]

# Without these nothing after them can be looked at.
NEEDED = {Rehearsal.it_builds_without_copying_what_is_built, Rehearsal.it_deploys}


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--skip-build", action="store_true", help="take what is in .aws-sam/build")
    asked = asked.parse_args()
    rehearsal = Rehearsal(asked)
    stack = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "cloud" / "stack.py", "--auth", "--types", ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    passed, failed = 0, 0
    try:
        rehearsal.cloud = json.loads(stack.stdout.readline())
        for check in CHECKS:
            name = check.__name__.replace("_", " ")
            try:
                print(f"{name} ...", flush=True)
                check(rehearsal)
                passed += 1
            except Exception:
                failed += 1
                traceback.print_exc()
                print(f"FAILED: {name}", flush=True)
                if check in NEEDED:
                    break
    finally:
        stack.stdin.close()
        stack.wait(30)
    print(f"\nrehearsal: {passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def wide_rights(template):
    """Whatever a template allows for every resource, or for every action of a kind: who by its logical id, and what."""
    resources = yaml.load((ROOT / template).read_text(), Loader)["Resources"]
    for logical, resource in resources.items():
        for statement in allowed(resource.get("Properties", {})):
            actions, on = (as_list(statement.get(key)) for key in ("Action", "Resource"))
            everything = "*" in on or "NotResource" in statement or "NotAction" in statement
            yield from ((logical, action) for action in actions if everything or "*" in action)


def allowed(node):
    """The statements that allow something to whoever has the policy, wherever in a resource they stand."""
    if isinstance(node, list):
        for one in node:
            yield from allowed(one)
    elif isinstance(node, dict):
        if node.get("Effect") == "Allow" and "Principal" not in node:
            yield node
        for value in node.values():
            yield from allowed(value)


def as_list(node):
    return node if isinstance(node, list) else [node]


def run(program, *words, environment=None, fine=(0,)):
    done = subprocess.run(
        [program, *words], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode in fine, f"{Path(program).name} {words[0]} ended with {done.returncode}:\n{done.stdout[-4000:]}"
    return done.stdout


def zipped(folder):
    """What Lambda is handed, in bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.rglob("*"):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.tell()


if __name__ == "__main__":
    main()
