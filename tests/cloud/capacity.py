"""How many calls at a time each limit carries, what saturates first, and what an hour costs: measured
counts of a call times how often it happens, against the limits of the template and of AWS."""

import math
import re
from dataclasses import dataclass

import cost

CALLS = (100, 1_000, 10_000)
CALL_S = 600
# What the throttles carry by default (docs/costs.md).
THROTTLES_CARRY = 5_000
# Measured by figures.py with optimised programs: GB s of a call by its functions, at 0.25 GB each.
FUNCTION_S = 0.05
# More functions at once than on average: calls begin in bursts.
BURST = 10

# AWS's own limits. Those of Service Quotas have their code in infra/quotas.sh.
LAMBDA_NEW, LAMBDA = 10, 1_000  # functions at once, of a new account and by default
FARGATE_NEW = 6  # processors of a new account; an update needs each relay twice
API_S = 10_000  # requests, messages and pushes a second of an account (API Gateway quotas)
SNS_S = 20  # text messages a second of an account (Amazon SNS quotas)
TABLE_S = 4_000  # units written a second of a new table on demand (DynamoDB Developer Guide)
# One item in transactions: measured conflicts let some 17 a second through.
ITEM_S = 17
# Counters that the day's text messages are spread over (functions/host/src/limits/tally.rs).
TALLY_ROOM, TALLY_MOST = 250, 16
SWEPT = 10_000  # open sessions of one sweep (functions/aws/src/sweep.rs)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# After a failure all pages come back, within so many seconds at best.
RETURN_S = 60

# What a page sends, by the route that has a throttle of its own. The rest is rare.
ROUTES = {
    "session": ["sign of life", "page connects", "page joins", "switch of a device", "end"],
    "chat": ["typing", "line of chat"],
    "annotation": ["stroke"],
    "screenshots": ["picture", "picture sent to the chat"],
    "signaling": ["page offers media"],
}


@dataclass
class Limit:
    """A limit, the calls at a time that it carries, and how to raise it."""

    what: str
    calls: float
    raised_by: str


class Capacity:
    """The model. `kinds` are the counted kinds of actions of figures.py."""

    def __init__(self, kinds):
        self.template = cost.Template()
        uses = cost.Uses(self.template)
        for kind, times in cost.CALL.items():
            uses.add(kinds[kind], times)
        self.functions_s = uses.calls / CALL_S
        self.messages_s = uses.messages / CALL_S
        self.http_s = uses.http / CALL_S
        self.written_s = uses.written / CALL_S
        self.call_usd = cost.ten_minutes(kinds, {}).sum()
        by_route = {
            route: sum(cost.CALL[kind] * kinds[kind]["messages"] / kinds[kind]["times"] for kind in of)
            for route, of in ROUTES.items()
        }
        self.busiest, most = max(by_route.items(), key=lambda one: one[1])
        self.busiest_s = most / CALL_S

    def limits(self):
        """Returns the limits of a deployment with every default, the tightest first."""
        default, rooms = self.template.default, self.rooms()
        own, processor = rooms[default("RelayCpu")], rooms[1024]
        at_once = self.functions_s * FUNCTION_S * BURST
        tally = max(1, min(TALLY_MOST, default("SmsPerDay") // TALLY_ROOM))
        found = [
            Limit(f"{default('RelayCount')} relay of {default('RelayCpu')} units", own, "`RelayMax`, `RelayCpu`"),
            Limit("text messages a day, each call one", default("SmsPerDay") * CALL_S / 28_800, "`SmsPerDay`"),
            Limit("functions at once, new account", LAMBDA_NEW / at_once, "quota L-B99A9384"),
            Limit("processors of Fargate, new account", FARGATE_NEW / 2 * processor, "quota L-3032A538"),
            Limit("functions at once", LAMBDA / at_once, "quota L-B99A9384"),
            Limit("new sockets, all pages at once", default("ConnectRate") * RETURN_S / 2, "`ConnectRate`"),
            Limit("units written, new table", TABLE_S / self.written_s, "`WarmWrites`, or half an hour"),
            Limit("the day's count of text messages", tally * ITEM_S * CALL_S, "`SmsPerDay`: it is spread from 500 on"),
            Limit("open sessions of a sweep", SWEPT, "nothing: the next sweep goes on"),
            Limit("messages, sockets and pushes", API_S / self.messages_s, "quota L-8A5B8E43"),
            Limit("text messages of SNS", SNS_S * CALL_S, "AWS Support"),
            Limit("200 relays of one processor", 200 * processor, "another deployment"),
            Limit(f"messages to one route (`{self.busiest}`)", default("MessageRate") / self.busiest_s, "`MessageRate`"),
            Limit("requests, all to one route", default("HttpRate") / self.http_s, "`HttpRate`"),
        ]
        return sorted(found, key=lambda limit: limit.calls)

    def rooms(self):
        """Returns the calls that a relay takes, by its processor units."""
        (rooms,) = [part["Mappings"]["Rooms"] for part in self.template.parts if "Rooms" in part.get("Mappings", {})]
        return {int(units): int(about["Most"]) for units, about in rooms.items()}

    def rows(self):
        """Returns the lines of both tables in docs/costs.md."""
        lines = ["| limit, with every default | calls | raised by |", "|---|---|---|"]
        lines += [f"| {one.what} | {rounded(one.calls)} | {one.raised_by} |" for one in self.limits()]
        lines += ["", "| calls at a time | 100 | 1,000 | 10,000 |", "|---|---|---|---|"]
        for what, value in self.loads():
            lines.append(f"| {what} | " + " | ".join(value(calls) for calls in CALLS) + " |")
        return lines

    def loads(self):
        relays = lambda calls: math.ceil(calls / self.rooms()[1024])
        per_s = lambda each: lambda calls: rounded(calls * each)
        machines = lambda calls: relays(calls) * (cost.HOUR_OF_VCPU + 2 * cost.HOUR_OF_GB + cost.HOUR_OF_IPV4)
        by_use = lambda calls: calls * 3_600 / CALL_S * self.call_usd
        below = lambda calls: [one for one in self.limits() if one.calls <= calls]
        above = lambda calls: [one for one in self.limits() if one.calls > calls]
        return [
            ("relays of one processor", lambda calls: f"{relays(calls):,}"),
            ("functions begun a second", per_s(self.functions_s)),
            ("functions at once, in a burst", per_s(self.functions_s * FUNCTION_S * BURST)),
            ("messages in and out a second", per_s(self.messages_s)),
            ("units written a second", per_s(self.written_s)),
            ("invites a second", per_s(1 / CALL_S)),
            ("limits above that have to be raised first", lambda calls: f"the first {len(below(calls))}"),
            ("and what saturates next", lambda calls: above(calls)[0].what),
            ("USD an hour: relays", lambda calls: f"{machines(calls):,.2f}"),
            ("USD an hour: media and services, no texts", lambda calls: f"{by_use(calls):,.0f}"),
        ]


def alike(row, other):
    """Whether two lines say the same, with numbers that differ by a tenth at most: a call that is
    counted once more has some units more or fewer."""
    if NUMBER.sub("", row) != NUMBER.sub("", other):
        return False
    pairs = zip(NUMBER.findall(row), NUMBER.findall(other))
    values = [[float(one.replace(",", "")) for one in pair] for pair in pairs]
    return all(abs(one - two) <= max(one, two) / 10 for one, two in values)


def rounded(number):
    """Two digits that count: the model is no better."""
    digits = max(0, math.floor(math.log10(number)) - 1)
    value = round(number / 10**digits) * 10**digits
    return f"{value:,}" if number >= 10 else f"{number:.2g}"
