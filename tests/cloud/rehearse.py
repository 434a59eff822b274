#!/usr/bin/env python3
"""Rehearses the deployment: validates, lints, builds and deploys to MiniStack with IAM enforced,
then checks the result.

    rehearse.py [--skip-build]

Prints the figures that docs/figures.md quotes, and ends with a line that counts the checks.
"""

import argparse
import gzip
import hashlib
import http.server
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import traceback
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import yaml

from container import Container, possible
from deployment import BUILT, PARAMETERS, REHEARSED, ROOT, STACK, Deployment, run, samconfig
from functions import REFUSED_STATUSES, Functions
from resolved import Stack
from stack import REGION, Loader

RESTORED = "sightline-restored"
# Of the call that a restore brings back, and of the one that stays erased.
NUMBERS = ["+4915112345679", "+4915112345680"]
SECOND = "sightline-staging"
NESTED = ["infra/relay.yaml", "infra/alarms.yaml"]
TEMPLATES = ["template.yaml", *NESTED]
ELF_X86_64 = 62
# Physical ids that are names within an API or a pool.
NAMES_WITHIN = {"$default", "admin", "relay", "ws"}
# Rights that AWS cannot narrow to a resource: text messages, their opt-out, ECR's token, traces.
WIDE = {
    ("InviteRole", "sns:Publish"),
    ("InviteRole", "sns:CheckIfPhoneNumberIsOptedOut"),
    ("StartRole", "ecr:GetAuthorizationToken"),
    ("DeliverRole", "xray:PutTelemetryRecords"),
    ("DeliverRole", "xray:PutTraceSegments"),
    ("Talking", "xray:PutTelemetryRecords"),
    ("Talking", "xray:PutTraceSegments"),
}


def ports_of(task):
    """What the task's relay listens on: of the mapped UDP ports, which serve its largest size, one a thread."""
    threads = int(next(one["value"] for one in task["environment"] if one["name"] == "SIGHTLINE_THREADS"))
    by_protocol = {"tcp": [], "udp": []}
    for one in task["portMappings"]:
        by_protocol[one["protocol"]].append(one["containerPort"])
    assert threads <= len(by_protocol["udp"]), f"{threads} threads, {by_protocol}"
    by_protocol["udp"] = sorted(by_protocol["udp"])[:threads]
    return {f"{name}{family} {port}" for name, ports in by_protocol.items() for port in ports for family in ("", "6")}


class Rehearsal(Deployment):
    """One deployment and the checks on it. `CHECKS` has their order."""

    def __init__(self, asked):
        super().__init__()
        self.asked = asked
        self.functions = None

    def it_validates(self):
        self.sam("validate", "--lint")
        # SAM does not lint nested templates.
        run(ROOT / ".venv" / "sam" / "bin" / "cfn-lint", *NESTED)

    def it_translates_for_every_deployment(self):
        said = run(ROOT / ".venv" / "sam" / "bin" / "python", "tests/cloud/translated.py")
        print(said.rstrip())

    def a_deployer_needs_no_more_than_the_policies(self):
        print(run(ROOT / ".venv" / "sam" / "bin" / "python", "tests/cloud/deployer.py").rstrip())

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
        self.read_outputs()
        origin = self.outputs["AgentUrl"].removesuffix("/agent")
        self.functions = Functions(self.client, self.resources(), origin)

    def read_outputs(self):
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def a_plan_says_what_changes_and_is_then_carried_out(self):
        """The pipeline's two steps. Nothing changes by the first one, nor without a change."""
        first = self.parameters()
        said = self.plan("SmsPerDay=301")
        name = said.splitlines()[-1]
        assert name.startswith("plan-") and "InviteFunction" in said, said
        assert self.parameters() == first, "a plan changes nothing"
        # The emulator has no CloudFront, and a relay for its health would have to run.
        with Healthy() as origin:
            said = self.infra("pipeline/carry-out.sh", STACK, name, HEALTH_ORIGIN=origin)
        assert f"{STACK} is up" in said, said
        assert self.parameters() == {**first, "SmsPerDay": "301"}, "every other parameter stays"
        assert self.plan().endswith("nothing to change\n")

    def plan(self, *changes):
        return self.infra("pipeline/plan.sh", "default", *changes, SAM_TEMPLATE=str(REHEARSED))

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
        return self.definition()["containerDefinitions"][0]

    def task_of_template(self):
        """Returns the task as infra/relay.yaml has it, with the parameters of the nested stack."""
        stacks = self.client("cloudformation").describe_stacks(StackName=self.resources()["Relay"])["Stacks"]
        given = {one["ParameterKey"]: one["ParameterValue"] for one in stacks[0]["Parameters"]}
        template = yaml.load((ROOT / "infra/relay.yaml").read_text(), Loader)
        return lowered(Stack("relay", REGION, template, given).resources()["Task"][1])

    def definition(self):
        task = self.all_resources(STACK)["Relay.Task"]
        return self.client("ecs").describe_task_definition(taskDefinition=task)["taskDefinition"]

    def the_pages_in_the_bucket_are_the_pages_that_were_built(self):
        bucket = self.resources()["Web"]
        storage = self.client("s3")
        there = {row["Key"] for row in storage.list_objects_v2(Bucket=bucket)["Contents"]}
        built = ROOT / "web" / "dist"
        names = {"j.html": "j", "agent.html": "agent", "verify.html": "verify"}
        wanted = {}
        for path in built.rglob("*"):
            if path.is_file() and path.suffix not in (".br", ".gz"):
                name = path.relative_to(built).as_posix()
                wanted[names.get(name, name)] = path.read_bytes()
        assert there == set(wanted), there ^ set(wanted)
        for key, content in wanted.items():
            found = storage.get_object(Bucket=bucket, Key=key)
            assert found["Body"].read() == content, key
            if key in ("j", "agent", "verify"):
                assert found["ContentType"].startswith("text/html") and found["CacheControl"] == "no-cache", key
            elif key.startswith("assets/"):
                assert "immutable" in found["CacheControl"], key

    def every_role_is_sufficient(self):
        self.functions.do_their_work()

    def nobody_goes_around_cloudfront(self):
        self.functions.answer_nobody_who_goes_around_cloudfront()

    def a_second_stack_stands_beside_the_first(self):
        given = {**samconfig("staging"), **PARAMETERS, "ApiLogRole": "exists"}
        address, _ = self.packaged()
        self.stack("create", SECOND, address, given)
        first, second = (self.all_resources(stack) for stack in (STACK, SECOND))
        shared = set(second.values()) & set(first.values()) - NAMES_WITHIN
        assert not shared, f"both stacks would have these: {shared}"
        beside = Functions(self.client, self.resources(SECOND), self.output(SECOND, "AgentUrl").removesuffix("/agent"))
        assert beside.knock(beside.front["x-sightline-origin"]) == (200, 101), "the second answers"
        assert beside.knock(self.functions.front["x-sightline-origin"]) == REFUSED_STATUSES, "each has its own keys"
        self.delete(SECOND)
        assert self.functions.knock(self.functions.front["x-sightline-origin"]) == (200, 101), "the first stays"
        self.functions.sweeps()
        schedules = self.client("scheduler").list_schedules()["Schedules"]
        assert len(schedules) == 1, f"the first keeps its schedule: {schedules}"
        print(f"    {len(first)} and {len(second)} resources")

    def one_byte_of_the_relay_is_an_update_of_the_relay_alone(self):
        before, task = self.all_resources(STACK), self.task()
        with tempfile.NamedTemporaryFile(suffix=".zip") as packed:
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
                for path in (BUILT / "Publisher").rglob("*"):
                    if path.is_file():
                        more = b"\0" if path.name == "sightline-relay" else b""
                        entry = zipfile.ZipInfo(path.relative_to(BUILT / "Publisher").as_posix())
                        entry.external_attr = 0o755 << 16
                        archive.writestr(entry, path.read_bytes() + more)
            address = self.repackaged("Publisher", packed.name)
        self.stack("update", STACK, address, self.parameters())
        after, now = self.all_resources(STACK), self.task()
        assert now["image"] != task["image"], "another image"
        assert {**now, "image": ""} == {**task, "image": ""}, "the task has changed in nothing else"
        images = self.client("ecr").list_images(repositoryName=after["Repository"])["imageIds"]
        assert now["image"].split("@")[1] in {one["imageDigest"] for one in images}, images
        changed = {path for path in after if before.get(path) != after[path]}
        expected = {"Relay.Task"} | {path for path in after if path.startswith("PublisherVersion")}
        assert changed == expected, f"replaced: {changed ^ expected}"
        print(f"    {len(changed)} of {len(after)} resources are new")

    def the_relay_runs_as_its_task_says(self):
        reason = possible()
        if reason:
            assert not os.environ.get("CI"), f"this machine plays no container: {reason}"
            print(f"    not played, because {reason}")
            return
        definition = self.task_of_template()
        (task,) = definition["containerDefinitions"]
        names = {one["name"] for one in task["environment"]} | {one["name"] for one in task["secrets"]}
        program = BUILT / "Publisher" / "sightline-relay"
        known = set(re.findall(r"\[env: (SIGHTLINE_\w+)", run(program, "--help")))
        # No code reads the round: a new one starts new tasks.
        assert names - {"KEY_ROUND"} <= known, f"the relay knows no {names - known}"
        path = f"/_aws/execute-api/{self.resources()['RelayApi']}/relay"
        container = Container({
            "container": task, "task": definition, "program": str(program), "path": path,
            "port": urllib.parse.urlsplit(self.cloud["endpoint"]).port,
            "secrets": {"SIGHTLINE_RELAY_KEY": self.functions.secret("RelayKey")},
        })
        try:
            ran = container.hears()
            assert "error" not in ran, ran
            wanted = ports_of(task)
            assert wanted <= set(ran["ports"]), f"listens on {ran['ports']}"
            container.process.stdin.close()
            ended = container.hears()
            assert ended.get("status") == 0, ended
        finally:
            container.close()
        for line in ended["log"].splitlines():
            assert json.loads(line), "every line is JSON"
        metrics = [json.loads(line) for line in ended["log"].splitlines() if "_aws" in line]
        deployments = {one["Deployment"] for one in metrics}
        assert deployments <= {self.outputs["TableName"]}, deployments
        held = f"with {ran['limits']} of 2 control groups" if ran["limits"] < 2 else "with its processor and memory"
        print(f"    healthy after {ran['healthy_s']} s {held}, {ran['memory_mib']} MiB, stopped in {ended['stopped_s']} s")

    def text_messages_are_switched_off_and_on_by_one_command(self):
        first = self.parameters()
        for wanted, value in (("off", "true"), ("on", "false")):
            assert f"text messages of {STACK} are {wanted}\n" in self.sms(wanted)
            assert self.parameters() == {**first, "SmsOff": value}, "every other parameter stays"
            assert f"are already {wanted}" in self.sms(wanted)
        assert "cannot be read" in self.sms("off", "another", fine=(1,))

    def sms(self, *words, fine=(0,)):
        return self.infra("sms.sh", *words, fine=fine)

    def infra(self, script, *words, fine=(0,), **more):
        tools = ":".join(str(ROOT / ".venv" / name / "bin") for name in ("aws", "sam"))
        environment = {
            **os.environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "AWS_DEFAULT_REGION": self.cloud["region"],
            "SAM_CLI_TELEMETRY": "0",
            **self.here(),
            **more,
        }
        return run(ROOT / "infra" / script, *words, environment=environment, fine=fine)

    def parameters(self):
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}

    def calls_are_left_for_a_restore(self):
        self.kept = self.functions.leaves_a_call_behind(NUMBERS[0], ends=False)
        self.erased = self.functions.leaves_a_call_behind(NUMBERS[1], ends=True)
        # The emulator restores the present, so this moment is the point that is restored.
        table = self.resources()["Table"]
        self.client("dynamodb").restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=RESTORED, UseLatestRestorableTime=True
        )
        admin = f"__Host-agent={self.functions.agent('admin')}"
        status, answer = self.functions.delete(f"/api/sessions/{self.erased[0]}", admin)
        assert status == 200, answer

    def data_of_people_outlives_the_stack(self):
        before = self.before = self.resources()
        self.delete(STACK)
        self.client("dynamodb").describe_table(TableName=before["Table"])
        self.client("cognito-idp").describe_user_pool(UserPoolId=before["UserPool"])
        self.client("secretsmanager").get_secret_value(SecretId=before["SigningKey"])
        buckets = {row["Name"] for row in self.client("s3").list_buckets()["Buckets"]}
        assert before["Pictures"] in buckets, "the pictures stay"
        assert before["Web"] not in buckets, "the pages are deleted"
        repositories = [row["repositoryName"] for row in self.client("ecr").describe_repositories()["repositories"]]
        assert before["Repository"] not in repositories, "the relay's image is deleted"

    def a_restored_table_brings_calls_back_and_erased_ones_stay_erased(self):
        there = {"Table": RESTORED, **{name: self.before[name] for name in ("Pictures", "UserPool")}}
        address, _ = self.packaged()
        given = {name: value.strip('"') for name, value in PARAMETERS.items()}
        self.stack("create", STACK, address, {**given, **{f"Existing{name}": one for name, one in there.items()}})
        self.read_outputs()
        resources = self.resources()
        assert not set(there) & set(resources), f"these would be made again: {set(there) & set(resources)}"
        functions = Functions(self.client, {**resources, **there}, self.outputs["AgentUrl"].removesuffix("/agent"))
        both = [self.kept[0], self.erased[0]]
        assert [functions.log_status(session) for session in both] == [200, 200], "the point before the erasure"
        for erased in (1, 0):
            said = self.infra("restored.sh", STACK)
            assert f"of which the table still had: {erased}\n" in said, said
            assert f"{STACK} is complete\n" in said, said
        print("".join(f"    {line}\n" for line in said.splitlines()), end="")
        assert [functions.log_status(session) for session in both] == [200, 404]
        assert functions.has_the_picture_of(*self.kept), "the picture is there"
        # Only the id of the erased call is left: tombstone, note, and connections that expire.
        left = functions.everything()
        assert NUMBERS[0][1:] in left, "the search finds what is there"
        assert NUMBERS[1][1:] not in left and f"pictures/{self.erased[0]}" not in left, "erased, and yet there"

    def no_role_allows_more(self):
        tried = self.functions.try_what_they_may_not()
        allowed = [str(one) for one in tried if one.allowed]
        assert not allowed, "allowed, but should be refused: " + ", ".join(allowed)
        print(f"    {len(tried)} forbidden calls, all refused")


# Each check, what it rests on, and what is left for AWS to show.
CHECKS = [
    (Rehearsal.it_validates, "linter", "what a service refuses without saying so in its schema"),
    (Rehearsal.it_translates_for_every_deployment, "translator, linter, arithmetic", "that each deployment succeeds"),
    (Rehearsal.a_deployer_needs_no_more_than_the_policies, "schemas of AWS, parliament", "that the schemas name every right"),
    (Rehearsal.checkov_finds_nothing, "checkov", ""),
    (Rehearsal.only_rights_that_cannot_be_narrower_are_wide, "reading", ""),
    (Rehearsal.it_builds_without_copying_earlier_builds, "sam, binaries", "ARM"),
    (Rehearsal.it_deploys, "sam, emulator", "quotas, CloudFront, certificates, time"),
    (Rehearsal.a_plan_says_what_changes_and_is_then_carried_out, "sam, emulator", "alarms that bring an update back"),
    (Rehearsal.the_image_in_the_registry_is_the_relay_that_was_built, "emulator, binary", "that Fargate pulls it"),
    (Rehearsal.the_dockerfile_makes_the_same_image, "buildah", ""),
    (Rehearsal.the_pages_in_the_bucket_are_the_pages_that_were_built, "emulator", "that CloudFront serves them"),
    (Rehearsal.every_role_is_sufficient, "emulator, binaries", "conditions that only AWS evaluates"),
    (Rehearsal.no_role_allows_more, "emulator", "the same"),
    (Rehearsal.nobody_goes_around_cloudfront, "emulator, binaries", "that CloudFront sends its header"),
    (Rehearsal.a_second_stack_stands_beside_the_first, "emulator", "the quotas of one region"),
    (Rehearsal.one_byte_of_the_relay_is_an_update_of_the_relay_alone, "emulator", "how long the relays take turns"),
    (Rehearsal.the_relay_runs_as_its_task_says, "binary", "Fargate's kernel, the way from the internet"),
    (Rehearsal.text_messages_are_switched_off_and_on_by_one_command, "emulator", ""),
    (Rehearsal.calls_are_left_for_a_restore, "emulator, binaries", ""),
    (Rehearsal.data_of_people_outlives_the_stack, "emulator", ""),
    (
        Rehearsal.a_restored_table_brings_calls_back_and_erased_ones_stay_erased,
        "emulator, binaries",
        "the asked second: here the table is copied as it is",
    ),
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
    passed, failed, claims = 0, 0, []
    try:
        rehearsal.cloud = json.loads(stack.stdout.readline())
        for check, proof, left in CHECKS:
            name = check.__name__.replace("_", " ")
            begun = time.monotonic()
            try:
                print(f"{name} ...", flush=True)
                check(rehearsal)
                passed += 1
                took = f"{time.monotonic() - begun:.0f} s"
                print(f"    {took}", flush=True)
                claims.append((name, proof, left, took))
            except Exception:
                failed += 1
                traceback.print_exc()
                print(f"FAILED: {name}", flush=True)
                if check in NEEDED:
                    break
    finally:
        stack.stdin.close()
        stack.wait(30)
    print("\nclaim, what shows it, and what only AWS can show")
    for name, proof, left, took in claims:
        print(f"    {name} ({took})\n        by: {proof}" + (f"; not: {left}" if left else ""))
    print(f"\nrehearsal: {passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


class Healthy:
    """A server on loopback that answers every request, as a deployment does whose health is good."""

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.Answer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass


def lowered(node):
    """Returns a copy with the names of ECS, which begin with small letters."""
    if isinstance(node, list):
        return [lowered(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {key[0].lower() + key[1:]: lowered(value) for key, value in node.items()}


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
