"""The cost of an idle month and of ten minutes of a call: list prices times measured counts."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]

# List prices in US dollars, region us-east-1, without tax. Free tiers that end after a year are
# ignored; permanent ones are subtracted only where a comment says so. The prices are from the price
# pages of the services. They change, so check them before relying on them.
HOUR_OF_VCPU = 0.04048  # aws.amazon.com/fargate/pricing, Linux/x86
HOUR_OF_GB = 0.004445  # the same
HOUR_OF_IPV4 = 0.005  # aws.amazon.com/vpc/pricing, public IPv4 address
SECRET_MONTH = 0.40  # aws.amazon.com/secrets-manager/pricing
ALARM_MONTH, ALARMS_FREE = 0.10, 10  # aws.amazon.com/cloudwatch/pricing, standard resolution
GB_OF_LOG = 0.50  # the same, ingestion; the free tier is ignored
SOCKET_MESSAGE = 1.00 / 1e6  # aws.amazon.com/api-gateway/pricing, WebSocket, each 32 KB in or out
SOCKET_MINUTE = 0.25 / 1e6  # the same
HTTP_CALL = 1.00 / 1e6  # the same, HTTP API
INVOCATION = 0.20 / 1e6  # aws.amazon.com/lambda/pricing
GB_SECOND = 0.0000166667  # the same, x86; a start is billed as well
UNIT_WRITTEN, UNIT_READ = 0.625 / 1e6, 0.125 / 1e6  # aws.amazon.com/dynamodb/pricing/on-demand
OBJECT_PUT, OBJECT_GET = 0.005 / 1e3, 0.0004 / 1e3  # aws.amazon.com/s3/pricing; lists cost what a PUT costs
# aws.amazon.com/ec2/pricing/on-demand, data transfer to the internet, after the first 100 GB a
# month, which are free.
GB_OUT = 0.09
SECRET_READ = 0.05 / 1e4  # aws.amazon.com/secrets-manager/pricing
SECRETS_READ = 8  # four by invite, four by connection: the last one with the value before it
QUEUE_REQUEST, QUEUE_FREE = 0.50 / 1e6, 1e6  # aws.amazon.com/sqs/pricing, FIFO; a million a month are free for good
SMS_LEAST, SMS_MOST = 0.01, 0.12  # by country

HOURS = 730
# A function has one processor at this memory, and a proportional share at less (Lambda Developer
# Guide, "Configure Lambda function memory").
MB_OF_A_PROCESSOR = 1769
# The round trip to a service in the same region, which cannot be measured here.
ROUND_TRIP_S = 0.006
# Polls of an idle queue at a time where concurrency has a maximum (AWS Lambda Developer Guide,
# "Configuring scaling behavior for SQS event source mappings").
POLLERS, POLL_S = 5, 20
# A line of the access log of the WebSocket API, in the template's format.
ACCESS_LINE = 280
LEASE_EVERY_S = 15  # wire/README.md, section 3

# How often each kind of action happens when two people call for ten minutes. These counts are
# assumptions; the cost of each action is measured.
CALL = {
    "first invite of a process": 1,
    "agent looks at the list": 3,
    "customer opens the link": 1,
    "page connects": 2,
    "step of the lobby": 3,
    "page offers media": 2,
    "page joins": 2,
    "sign of life": 2 * 600 // 25,
    "switch of a device": 4,
    "typing": 60,
    "line of chat": 20,
    "picture": 2,
    "stroke": 30,
    "picture sent to the chat": 1,
    "end": 1,
}
# One camera at 1.5 Mbit/s to the agent, and sound in both directions.
MEDIA_BITS_S = 1.6e6


@dataclass
class Line:
    what: str
    how: str
    usd: float


class Bill:
    """A title, lines and their sum."""

    def __init__(self, title, digits):
        self.title, self.digits, self.lines = title, digits, []

    def add(self, what, how, usd):
        self.lines.append(Line(what, how, usd))

    def sum(self):
        return sum(line.usd for line in self.lines)

    def __str__(self):
        rows = [*self.lines, Line("total", "", self.sum())]
        what, how = (max(len(getattr(row, name)) for row in rows) for name in ("what", "how"))
        lines = (f"  {row.what:<{what}}  {row.how:<{how}}  {row.usd:>8.{self.digits}f}" for row in rows)
        return "\n".join([self.title, *lines])


def idle_month(kinds):
    """Returns the bill of a month without calls, with one relay."""
    bill = Bill(f"an idle month ({HOURS} h), one relay, USD", 3)
    template = Template()
    vcpu, gb = template.default("RelayCpu") / 1024, template.default("RelayMemory") / 1024
    relays = template.default("RelayCount")
    bill.add(
        f"relay, {vcpu:g} processors and {gb:g} GB", f"{HOURS} x ({vcpu:g} x {HOUR_OF_VCPU} + {gb:g} x {HOUR_OF_GB})",
        relays * HOURS * (vcpu * HOUR_OF_VCPU + gb * HOUR_OF_GB),
    )
    bill.add("its public IPv4 address", f"{HOURS} x {HOUR_OF_IPV4}", relays * HOURS * HOUR_OF_IPV4)
    secrets, alarms = template.count("AWS::SecretsManager::Secret"), template.count("AWS::CloudWatch::Alarm")
    bill.add("secrets", f"{secrets} x {SECRET_MONTH}", secrets * SECRET_MONTH)
    paid = max(0, alarms - ALARMS_FREE)
    bill.add(f"{alarms} alarms, {ALARMS_FREE} are free", f"{paid} x {ALARM_MONTH}", paid * ALARM_MONTH)
    leases = Uses(template).add(kinds["lease"], HOURS * 3600 / LEASE_EVERY_S)
    leases.minutes = HOURS * 60
    leases.bill(bill, "signs of life: ")
    sweeps = Uses(template).add(kinds["sweep with nothing to do"], HOURS * 60 / template.sweep_minutes())
    sweeps.bill(bill, "sweeps: ")
    polls = HOURS * 3600 / POLL_S * POLLERS * template.count("AWS::SQS::Queue")
    paid = max(0, polls - QUEUE_FREE)
    how = f"{paid:,.0f} x {QUEUE_REQUEST * 1e6:g} / 10^6"
    bill.add(f"{polls:,.0f} polls of the queue, {QUEUE_FREE:,.0f} are free", how, paid * QUEUE_REQUEST)
    return bill


def ten_minutes(kinds, starts):
    """Returns the bill of a call. `starts` has the processor seconds of each function's start; each
    function starts once."""
    bill = Bill(f"ten minutes of a call, USD, without its text message ({SMS_LEAST} to {SMS_MOST}, by country)", 6)
    template = Template()
    gb = MEDIA_BITS_S / 8 * 600 / 1e9
    bill.add("media out of the relay", f"{gb:.2f} GB x {GB_OUT}", gb * GB_OUT)
    uses = Uses(template)
    for kind, times in CALL.items():
        uses.add(kinds[kind], times)
    # A sweep counts the call. Sweeps by themselves are those of an idle month.
    uses.add(kinds["sweep that counts a call"], 1).add(kinds["sweep with nothing to do"], -1)
    uses.minutes = 2 * 10
    used = [seconds for name, seconds in starts.items() if name not in ("deliver", "sweep")]
    # A function has a whole processor while it starts.
    uses.gb_s += sum((seconds + 3 * ROUND_TRIP_S) * template.function_gb() for seconds in used)
    uses.read += len(used)
    uses.bill(bill, "")
    how = f"{SECRETS_READ} x {SECRET_READ * 1e4:g} / 10^4"
    bill.add(f"starts of {len(used)} functions read secrets", how, SECRETS_READ * SECRET_READ)
    return bill


class Uses:
    """Counts of everything that is paid by use."""

    def __init__(self, template):
        self.template = template
        self.calls = self.http = self.gb_s = self.messages = self.minutes = 0.0
        self.written = self.read = self.puts = self.gets = self.log = 0.0

    def add(self, counted, times):
        """Adds a kind of action this many times."""
        each = {name: counted[name] / counted["times"] * times for name in counted}
        get = lambda name: each.get(name, 0)
        self.calls += get("events")
        self.http += get("calls")
        self.messages += get("messages") + get("said")
        self.written += get("writes")
        self.read += get("reads")
        self.puts += get("puts")
        self.gets += get("gets")
        self.log += get("log") + ACCESS_LINE * get("events")
        trips = (get("requests") + get("said")) * ROUND_TRIP_S
        share = self.template.function_gb() * 1024 / MB_OF_A_PROCESSOR
        self.gb_s += (get("cpu_s") / share + trips) * self.template.function_gb()
        return self

    def bill(self, bill, before):
        if self.messages:
            bill.add(
                f"{before}{self.messages:,.0f} messages, {self.minutes:,.0f} minutes of socket",
                f"{self.messages:,.0f} x {SOCKET_MESSAGE * 1e6:g} / 10^6"
                f" + {self.minutes:,.0f} x {SOCKET_MINUTE * 1e6:g} / 10^6",
                self.messages * SOCKET_MESSAGE + self.minutes * SOCKET_MINUTE,
            )
        if self.http:
            how = f"{self.http:,.0f} x {HTTP_CALL * 1e6:g} / 10^6"
            bill.add(f"{before}{self.http:,.0f} calls of the HTTP API", how, self.http * HTTP_CALL)
        bill.add(
            f"{before}{self.calls:,.0f} functions called, {self.gb_s:,.1f} GB s",
            f"{self.calls:,.0f} x {INVOCATION * 1e6:g} / 10^6 + {self.gb_s:,.1f} x {GB_SECOND * 1e6:g} / 10^6",
            self.calls * INVOCATION + self.gb_s * GB_SECOND,
        )
        bill.add(
            f"{before}table, {self.written:,.0f} written, {self.read:,.0f} read",
            f"{self.written:,.0f} x {UNIT_WRITTEN * 1e6:g} / 10^6 + {self.read:,.0f} x {UNIT_READ * 1e6:g} / 10^6",
            self.written * UNIT_WRITTEN + self.read * UNIT_READ,
        )
        if self.puts or self.gets:
            bill.add(
                f"{before}bucket, {self.puts:,.0f} put or listed, {self.gets:,.0f} read",
                f"{self.puts:,.0f} x {OBJECT_PUT * 1e3:g} / 10^3 + {self.gets:,.0f} x {OBJECT_GET * 1e3:g} / 10^3",
                self.puts * OBJECT_PUT + self.gets * OBJECT_GET,
            )
        log_gb = self.log / 1e9
        bill.add(f"{before}logs, {self.log / 1e6:,.3f} MB", f"{log_gb:.6f} GB x {GB_OF_LOG}", log_gb * GB_OF_LOG)


class Template:
    """Numbers in template.yaml and the templates it includes that determine costs."""

    def __init__(self):
        files = [ROOT / "template.yaml", *sorted((ROOT / "infra").glob("*.yaml"))]
        self.parts = [yaml.load(path.read_text(), Loose) for path in files]

    def default(self, parameter):
        return self.parts[0]["Parameters"][parameter]["Default"]

    def count(self, kind):
        """Counts resources of a type, including conditional ones, so the result is an upper
        bound."""
        found = sum(resource["Type"] == kind for part in self.parts for resource in part["Resources"].values())
        assert found > 0, f"the template has no {kind}"
        return found

    def function_gb(self):
        return self.parts[0]["Globals"]["Function"]["MemorySize"] / 1024

    def sweep_minutes(self):
        events = self.parts[0]["Resources"]["SweepFunction"]["Properties"]["Events"].values()
        (rate,) = [event["Properties"]["ScheduleExpression"] for event in events]
        return int(re.fullmatch(r"rate\((\d+) minutes?\)", rate)[1])


class Loose(yaml.SafeLoader):
    """Reads YAML and replaces CloudFormation's short forms by null."""


Loose.add_multi_constructor("!", lambda loader, suffix, node: None)
