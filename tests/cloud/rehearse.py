#!/usr/bin/env python3
"""Rehearses the deployment: validates, lints, builds and deploys to MiniStack with IAM enforced,
then checks the result.

    rehearse.py [--skip-build]

Prints the figures that docs/figures.md quotes, and ends with a line that counts the checks.
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
# In the build's folder, because the template names files relative to itself.
REHEARSED = BUILT / "rehearsed.yaml"
STACK = "sightline"
NESTED = ["infra/relay.yaml", "infra/alarms.yaml"]
TEMPLATES = ["template.yaml", *NESTED]
ELF_X86_64 = 62
# Rights that AWS cannot narrow to a resource: text messages, their opt-out, and ECR's token.
WIDE = {
    ("InviteRole", "sns:Publish"),
    ("InviteRole", "sns:CheckIfPhoneNumberIsOptedOut"),
    ("StartRole", "ecr:GetAuthorizationToken"),
}
PARAMETERS = {"BusinessName": '"Acme Repairs"', "AllowedSmsPrefixes": "+49", "SmsPerAgentDay": "3"}


class Rehearsal:
    """One deployment and the checks on it. `CHECKS` has their order."""

    def __init__(self, asked):
        self.asked = asked
        self.cloud = None
        self.outputs = {}
        self.functions = None

    def it_validates(self):
        self.sam("validate", "--lint")
        # SAM does not lint nested templates.
        run(ROOT / ".venv" / "sam" / "bin" / "cfn-lint", *NESTED)

    def it_translates_for_every_deployment(self):
        said = run(ROOT / ".venv" / "sam" / "bin" / "python", "tests/cloud/translated.py")
        print(said.rstrip())

    def checkov_finds_nothing(self):
        checkov = ROOT / ".venv" / "lint" / "bin" / "checkov"
        options = ["--framework", "cloudformation", "--compact", "--quiet", "--skip-download"]
        files = (word for template in TEMPLATES for word in ("-f", template))
        run(checkov, *options, "--config-file", ".checkov.yaml", *files)

    def only_rights_that_cannot_be_narrower_are_wide(self):
        found = {(role, action) for template in TEMPLATES for role, action in wide_rights(template)}
        assert found == WIDE, f"too wide: {found - WIDE}, narrower now: {WIDE - found}"

    def it_builds_without_copying_earlier_builds(self):
        if not self.asked.skip_build:
            begun = time.monotonic()
            said = self.sam("build")
            print(f"    sam build: {time.monotonic() - begun:.0f} s")
            assert "CustomMakeBuilder:MakeBuild" in said, f"SAM names its build steps: {said[-2000:]}"
            assert "CopySource" not in said, "SAM has copied the sources and earlier builds"
        total = 0
        for folder in sorted(path for path in BUILT.iterdir() if path.is_dir()):
            names = {path.name for path in folder.rglob("*")}
            assert not names & {"target", "node_modules", ".git"}, f"{folder.name} has copied {names}"
            if not (folder / "bootstrap").exists():
                continue
            size = zipped(folder)
            total += size
            program = (folder / "bootstrap").stat().st_size
            print(f"    {folder.name}: {size / 1e6:.2f} MB zipped, {program / 1e6:.2f} MB program")
            assert size < 50e6, f"{folder.name} is larger than Lambda's limit for a direct upload"
            # e_machine (ELF specification, "ELF Header"). SAM builds for the machine it runs on.
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
        answer = registry.get_download_url_for_layer(
            repositoryName=resources["Repository"], layerDigest=layer["digest"]
        )
        blob = self.blob(urllib.parse.urlsplit(answer["downloadUrl"]).path, layer)
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(blob))) as tar:
            files = {member.name: tar.extractfile(member).read() for member in tar}
        assert files == {"sightline-relay": program}, "the layer contains the relay and nothing else"
        task = self.task()
        assert task["image"].endswith(f"@{digest}"), f"the task runs {task['image']}"

    def blob(self, path, layer):
        """Downloads a layer. The registry returns AWS's address; the emulator has the same path."""
        with urllib.request.urlopen(self.cloud["endpoint"] + path, timeout=30) as answer:
            blob = answer.read()
        assert "sha256:" + hashlib.sha256(blob).hexdigest() == layer["digest"], "the layer matches its digest"
        return blob

    def the_dockerfile_makes_the_same_image(self):
        with tempfile.TemporaryDirectory(prefix="sightline-image-") as folder:
            storage = ["--storage-driver", "vfs", "--root", f"{folder}/root", "--runroot", f"{folder}/run"]
            build = ["bud", "--isolation", "chroot", "--format", "oci", "--tag", "sightline-relay"]
            run("buildah", *storage, *build, "--file", "infra/Dockerfile", BUILT / "Publisher")
            run("buildah", *storage, "push", "sightline-relay", f"oci-archive:{folder}/image.tar")
            with tarfile.open(f"{folder}/image.tar") as image:
                blob = lambda part: image.extractfile("blobs/" + part["digest"].replace(":", "/")).read()
                manifest = json.loads(blob(json.load(image.extractfile("index.json"))["manifests"][0]))
                config = json.loads(blob(manifest["config"]))["config"]
                (layer,) = manifest["layers"]
                with tarfile.open(fileobj=io.BytesIO(blob(layer))) as tar:
                    members = [member for member in tar if member.isfile()]
                    files = {one.name: (one.mode & 0o777, tar.extractfile(one).read()) for one in members}
        program = (BUILT / "Publisher" / "sightline-relay").read_bytes()
        assert files == {"sightline-relay": (0o755, program)}, f"not only the relay: {list(files)}"
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

    def every_role_is_sufficient(self):
        self.functions.do_their_work()

    def nobody_goes_around_cloudfront(self):
        self.functions.answer_nobody_who_goes_around_cloudfront()

    def text_messages_are_switched_off_and_on_by_one_command(self):
        first = self.parameters()
        for wanted, value in (("off", "true"), ("on", "false")):
            assert f"text messages of {STACK} are {wanted}\n" in self.sms(wanted)
            assert self.parameters() == {**first, "SmsOff": value}, "every other parameter stays"
            assert f"are already {wanted}" in self.sms(wanted)
        assert "cannot be read" in self.sms("off", "another", fine=(1,))

    def sms(self, *words, fine=(0,)):
        environment = {
            **os.environ,
            "PATH": f"{ROOT / '.venv' / 'aws' / 'bin'}:{os.environ['PATH']}",
            "AWS_DEFAULT_REGION": self.cloud["region"],
            **self.here(),
        }
        return run(ROOT / "infra" / "sms.sh", *words, environment=environment, fine=fine)

    def parameters(self):
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}

    def data_of_people_outlives_the_stack(self):
        before = self.resources()
        # The same request as `sam delete`, which rejects the address of the emulator's templates.
        stacks = self.client("cloudformation")
        stacks.delete_stack(StackName=STACK)
        waiter = stacks.get_waiter("stack_delete_complete")
        waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        self.client("dynamodb").describe_table(TableName=before["Table"])
        self.client("cognito-idp").describe_user_pool(UserPoolId=before["UserPool"])
        self.client("secretsmanager").get_secret_value(SecretId=before["SigningKey"])
        buckets = {row["Name"] for row in self.client("s3").list_buckets()["Buckets"]}
        assert before["Pictures"] in buckets, "the pictures stay"
        assert before["Web"] not in buckets, "the pages are deleted"
        repositories = [row["repositoryName"] for row in self.client("ecr").describe_repositories()["repositories"]]
        assert before["Repository"] not in repositories, "the relay's image is deleted"

    def no_role_allows_more(self):
        tried = self.functions.try_what_they_may_not()
        allowed = [str(one) for one in tried if one.allowed]
        assert not allowed, "allowed, but should be refused: " + ", ".join(allowed)
        print(f"    {len(tried)} forbidden calls, all refused")

    # ---- helpers ----

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

    def resources(self):
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
        rows = [row for page in pages for row in page["StackResourceSummaries"]]
        return {row["LogicalResourceId"]: row["PhysicalResourceId"] for row in rows}


CHECKS = [
    Rehearsal.it_validates,
    Rehearsal.it_translates_for_every_deployment,
    Rehearsal.checkov_finds_nothing,
    Rehearsal.only_rights_that_cannot_be_narrower_are_wide,
    Rehearsal.it_builds_without_copying_earlier_builds,
    Rehearsal.it_deploys,
    Rehearsal.a_second_deployment_has_nothing_to_do,
    Rehearsal.the_image_in_the_registry_is_the_relay_that_was_built,
    Rehearsal.the_dockerfile_makes_the_same_image,
    Rehearsal.the_pages_in_the_bucket_are_the_pages_that_were_built,
    Rehearsal.every_role_is_sufficient,
    Rehearsal.no_role_allows_more,
    Rehearsal.nobody_goes_around_cloudfront,
    Rehearsal.text_messages_are_switched_off_and_on_by_one_command,
    Rehearsal.data_of_people_outlives_the_stack,
]

# If one of these fails, the checks after it cannot run.
NEEDED = {Rehearsal.it_builds_without_copying_earlier_builds, Rehearsal.it_deploys}


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--skip-build", action="store_true", help="use what is in .aws-sam/build")
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
    """Yields (role, action) for rights on every resource and for wildcard actions. A role is a
    logical id."""
    resources = yaml.load((ROOT / template).read_text(), Loader)["Resources"]
    for logical, resource in resources.items():
        for statement in allowed(resource.get("Properties", {})):
            actions, on = (as_list(statement.get(key)) for key in ("Action", "Resource"))
            everything = "*" in on or "NotResource" in statement or "NotAction" in statement
            yield from ((logical, action) for action in actions if everything or "*" in action)


def allowed(node):
    """Yields the statements anywhere in a resource that allow something to the policy's owner."""
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


def zipped(folder):
    """Returns the size in bytes of the archive for Lambda."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.rglob("*"):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.tell()


if __name__ == "__main__":
    main()
