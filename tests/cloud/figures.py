#!/usr/bin/env python3
"""Measures the functions: their sizes, start times, the work for a line of chat, and the costs.

    figures.py [--bin-dir .aws-sam/build] [--smoke] [--first-invite]

Runs the real programs under the Runtime API of worker.py, with MiniStack as the services. Only
processor time is comparable to AWS: wall time includes MiniStack and other work of this machine.
Exits with an error when a figure is out of bounds.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import boto3

import call
import capacity
import cost
from toll import Toll, certified
from worker import Worker

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "https://sightline.invalid"
FUNCTIONS = ["invite", "connection", "signaling", "chat", "annotation", "screenshots", "erase", "case", "deliver", "sweep"]

# Bounds of sizes and processor times apply to optimised programs only.
OPTIMISED = os.environ.get("SAM_BUILD_MODE") != "debug"
# The bounds. A start with a processor of its own must be too short for people to notice.
ZIP_MAX, START_CPU_MAX_S, LINE_CPU_MAX_S = 10e6, 0.250, 0.020
FIRST_INVITE_MAX_S = 0.030
LINE_WRITES_MAX, LINE_READS_MAX, IDLE_MAX_USD, CALL_MAX_USD = 12, 6, 18, 0.05


class Figures:
    """All figures, in the order they are printed."""

    def __init__(self, bins, cloud, folder, starts, lines):
        self.bins, self.cloud, self.folder, self.starts, self.lines = bins, cloud, folder, starts, lines
        self.tls, self.authorities = certified(folder)
        self.start_cpu_s = {}
        self.wrong = []

    def sizes(self):
        print("size, MB                 zip  program")
        for name in [*FUNCTIONS, "publisher"]:
            program = self.program(name)
            if not program.exists():
                # The publisher is optional here.
                assert name == "publisher", f"{program} does not exist: `sam build` makes it"
                continue
            packed = zipped(program)
            print(f"  {name:<20} {packed / 1e6:6.2f} {program.stat().st_size / 1e6:8.2f}")
            self.at_most(f"{name}'s zip, bytes", packed, ZIP_MAX, OPTIMISED)

    def starts_of_functions(self):
        tolls = {"plain HTTP": Toll(self.cloud["endpoint"]), "TLS": Toll(self.cloud["endpoint"], self.tls)}
        print(f"\nstart to the first `next`, median of {self.starts}, ms       of that, services    memory")
        print("                              processor    wall        wall, calls        MB")
        for name in FUNCTIONS:
            # Alternates between the two, so that a busy moment of the machine affects both.
            runs = {how: [] for how in tolls}
            self.once(name, tolls["plain HTTP"])
            for _ in range(self.starts):
                for how, toll in tolls.items():
                    runs[how].append(self.once(name, toll))
            for how, found in runs.items():
                wall, cpu, services, calls, memory = (statistics.median(column) for column in zip(*found))
                print(
                    f"  {name:<12} {how:<11} {cpu * 1e3:11.1f} {wall * 1e3:8.1f}"
                    f" {services * 1e3:12.1f} {calls:6.0f} {memory / 1e6:10.1f}"
                )
                self.at_most(f"{name}'s start with {how}, seconds of the processor", cpu, START_CPU_MAX_S, OPTIMISED)
                if how == "TLS":
                    self.start_cpu_s[name] = cpu
        for toll in tolls.values():
            toll.end()

    def once(self, name, toll):
        requests, busy = toll.counted["requests"], toll.busy_s
        with self.worker(name, toll) as worker:
            wall, cpu = worker.until_it_asks()
            calls = toll.counted["requests"] - requests
            # A program that has called no service before its first `next` is not warm.
            assert calls > 0, f"{name} starts without a warm connection"
            return wall, cpu, toll.busy_s - busy, calls, worker.memory_max()

    def first_invites(self):
        """Measures `invite` from its start to the answer of its first invite, over TLS."""
        toll = Toll(self.cloud["endpoint"], self.tls)
        runs = [self.first_invite(toll, at) for at in range(self.starts)]
        toll.end()
        start, first, wall = (statistics.median(column) for column in zip(*runs))
        print(f"\na new process of invite up to the answer of its first invite, median of {self.starts}, over TLS")
        print(f"  processor, ms          start {start * 1e3:.1f}  first invite {first * 1e3:.1f}")
        print(f"  wall with MiniStack    {wall * 1e3:.1f}")
        self.at_most("processor seconds up to the first invite", start + first, FIRST_INVITE_MAX_S, OPTIMISED)

    def first_invite(self, toll, at):
        with self.worker("invite", toll) as worker:
            house = call.House(lambda _: worker, toll, self.client, self.cloud["resources"], ORIGIN, self.authorities)
            start_wall, start = worker.until_it_asks()
            cookie = f"__Host-agent={call.agent(house)}"
            with house.counting("first invite"):
                call.invite(house, f"+49151123458{at:02}", cookie)
            return start, house.kinds["first invite"]["cpu_s"], start_wall + house.walls[-1]

    def a_call(self):
        """Measures a call over TLS, as on AWS."""
        toll = Toll(self.cloud["endpoint"], self.tls)
        start = lambda name: self.worker(name, toll)
        house = call.House(start, toll, self.client, self.cloud["resources"], ORIGIN, self.authorities)
        try:
            house.warm(FUNCTIONS)
            timed = call.hold(house, self.lines)
            memory = house.worker("chat").memory_max()
        finally:
            house.end()
            toll.end()
        self.line_of_chat(house.kinds["line of chat"], timed, memory)
        self.kinds(house.kinds)
        self.costs(house.kinds)
        self.capacity(house.kinds)

    def line_of_chat(self, counted, timed, memory):
        # The first lines open connections and are left out.
        walls, cpus = zip(*timed[5:])
        cpu = statistics.mean(cpus)
        each = {name: counted[name] / counted["times"] for name in counted}
        middle, high = statistics.median(cpus), p95(cpus)
        print(f"\na line of chat, {len(cpus)} of them in one warm process, each after some silence, over TLS")
        print(f"  processor, ms          mean {cpu * 1e3:.2f}  median {middle * 1e3:.2f}  p95 {high * 1e3:.2f}")
        share = cost.Template().function_gb() * 1024 / cost.MB_OF_A_PROCESSOR
        print(f"  with a function's {share:.3f} of a processor, ms, about {cpu / share * 1e3:.0f}")
        print(f"  wall with MiniStack    median {statistics.median(walls) * 1e3:.1f}  p95 {p95(walls) * 1e3:.1f}")
        names = ("GetItem", "Query", "TransactWriteItems", "UpdateItem", "PutItem")
        calls = ", ".join(f"{each[name]:.2f} {name}" for name in names if each.get(name))
        print(f"  calls of the table     {calls}")
        print(f"  units of the table     {each['writes']:.2f} written, {each['reads']:.2f} read")
        print(f"  messages to pages      {each['said']:.2f}")
        print(f"  memory, most, MB       {memory / 1e6:.1f}")
        self.at_most("processor seconds of a line of chat", cpu, LINE_CPU_MAX_S, OPTIMISED)
        self.at_most("units written for a line of chat", each["writes"], LINE_WRITES_MAX)
        self.at_most("units read for a line of chat", each["reads"], LINE_READS_MAX)
        assert counted["times"] == self.lines, "every line is counted"
        assert each["said"] >= 3 and each["TransactWriteItems"] >= 1, "lines are stored and sent"

    def kinds(self, kinds):
        print("\nmeasured, for each                functions  cpu ms  in  out  written   read  puts  gets   log B")
        for kind, counted in kinds.items():
            each = Counter({name: counted[name] / counted["times"] for name in counted})
            print(
                f"  {kind:<30} {each['events']:10.1f} {each['cpu_s'] * 1e3:7.1f} {each['messages']:3.0f}"
                f" {each['said']:4.1f} {each['writes']:8.1f} {each['reads']:6.1f} {each['puts']:5.1f}"
                f" {each['gets']:5.1f} {each['log']:7.0f}"
            )

    def costs(self, kinds):
        starts = Counter(self.start_cpu_s)
        idle = cost.idle_month(kinds)
        one = cost.ten_minutes(kinds, starts)
        for bill in (idle, one):
            print(f"\n{bill}")
        self.at_most("an idle month, USD", idle.sum(), IDLE_MAX_USD)
        self.at_most("ten minutes of a call, USD", one.sum(), CALL_MAX_USD)

    def capacity(self, kinds):
        """Prints the model, and compares it with the tables in docs/costs.md."""
        model = capacity.Capacity(kinds)
        rows = model.rows()
        for one in model.limits():
            if one.raised_by.endswith("Rate`") and one.calls < capacity.THROTTLES_CARRY:
                self.wrong.append(f"{one.what}: {one.calls:.0f} calls, {capacity.THROTTLES_CARRY} are promised")
        print("\n" + "\n".join(rows))
        written = (ROOT / "docs" / "costs.md").read_text().splitlines()
        lacks = lambda row: not any(capacity.alike(row, line) for line in written)
        self.wrong += [f"docs/costs.md lacks: {row}" for row in rows if lacks(row)]

    # ---- helpers ----

    def at_most(self, what, found, bound, judged=True):
        if judged and not 0 < found <= bound:
            self.wrong.append(f"{what}: {found:.6g}, expected at most {bound:.6g}")

    def program(self, name):
        folders = (self.bins / f"{name.capitalize()}Function", self.bins / name.capitalize(), self.bins / name)
        # Cargo's own folder has the programs themselves.
        programs = [*(folder / "bootstrap" for folder in folders), self.bins / name]
        return next((program for program in programs if program.is_file()), programs[-2])

    def worker(self, name, toll):
        return Worker(self.program(name), self.variables(toll), self.folder / f"{name}.log")

    def variables(self, toll):
        """Returns the environment that the template gives a function."""
        resources = self.cloud["resources"]
        return {
            "AWS_REGION": self.cloud["region"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": toll.endpoint,
            "WS_ENDPOINT": f"{toll.endpoint}/ws",
            "RELAY_ENDPOINT": f"{toll.endpoint}/relay",
            "TABLE": resources["Table"],
            "DELIVERIES": resources["Deliveries"],
            "PICTURES": resources["Pictures"],
            "PICTURES_ORIGIN": "https://pictures.invalid",
            "SIGNING_KEY": resources["SigningKey"],
            "RELAY_KEY": resources["RelayKey"],
            "CASE_KEY": resources["CaseKey"],
            "ORIGIN_SECRET": resources["OriginSecret"],
            "ORIGIN": ORIGIN,
            "BUSINESS": "Acme Repairs",
            "RETENTION_DAYS": "30",
            "SUMMARY_DAYS": "30",
            "PICTURE_DAYS": "30",
            "AUDIT_DAYS": "365",
            "SMS_PREFIXES": "+49",
            "SMS_AGENT_MAX": "100",
            "SMS_NUMBER_MAX": "10",
            "SMS_DAY_MAX": "300",
            "SMS_OFF": "false",
            "ISSUER": "https://issuer.invalid",
            "CLIENT_ID": "client",
            "ADMIN_GROUP": "admin",
            "GROUPS_CLAIM": "cognito:groups",
            # Every start reads this file, with or without TLS.
            "SSL_CERT_FILE": str(self.authorities),
        }

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.cloud["endpoint"],
            region_name=self.cloud["region"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--bin-dir", type=Path, default=built(), help="the folder with a folder for each function")
    asked.add_argument("--smoke", action="store_true", help="fewer measurements, for CI")
    asked.add_argument("--first-invite", action="store_true", help="only how long a new process of invite takes")
    asked = asked.parse_args()
    starts, lines = (5, 30) if asked.smoke else (20, 205)
    print(f"{os.cpu_count()} processors ({processor()}), load {os.getloadavg()[0]:.1f} at the start; {asked.bin_dir}\n")
    if not OPTIMISED:
        print("These programs are not optimised: their sizes and processor times are printed without bounds.\n")
    stack = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "cloud" / "stack.py", "--origin", ORIGIN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with tempfile.TemporaryDirectory(prefix="sightline-figures-") as folder:
            cloud = json.loads(stack.stdout.readline())
            figures = Figures(asked.bin_dir, cloud, Path(folder), starts, lines)
            if not asked.first_invite:
                figures.sizes()
                figures.starts_of_functions()
                # Its sweeps find no session but its own.
                figures.a_call()
            figures.first_invites()
    finally:
        stack.stdin.close()
        stack.wait(30)
    for wrong in figures.wrong:
        print(f"OUT OF BOUNDS: {wrong}")
    print(f"\nfigures: {'out of bounds' if figures.wrong else 'within bounds'}")
    sys.exit(1 if figures.wrong else 0)


def built():
    """Returns the folder of `sam build` if it is complete, else cargo-lambda's folder."""
    whole = ROOT / ".aws-sam" / "build"
    complete = all((whole / f"{name.capitalize()}Function" / "bootstrap").exists() for name in FUNCTIONS)
    return whole if complete else ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "lambda"


def zipped(program):
    """Returns the size in bytes of the archive for Lambda."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(program, "bootstrap")
    return packed.tell()


def p95(values):
    return sorted(values)[int(len(values) * 0.95)]


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
