"""A call by events: sends the messages of two pages and a relay to the functions' programs, as API
Gateway does, and counts the cost of each kind of action."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import ssl
import time
import urllib.request
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
# A process loads its data on phone numbers at the first invite.
NUMBERS = [("+4915112345678", "first invite of a process"), ("+4915112345679", "another invite")]
PHOTO = ROOT / "functions/host/samples/jpeg/photo.jpg"
# As long as a browser's, because the length is what costs.
SDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n" + "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n" * 100
# The function for each topic's messages, where the names differ (the routes of the template).
ROUTES = {"session": "signaling", "signaling": "signaling", "relay": "signaling"}
# Shorter than the time after which a seat counts as lost, longer than the time after which activity
# is recorded again.
QUIET_S = 20


class House:
    """The functions' programs and the services they use. `start` starts a program by its name;
    `authorities` is a file with the certificate authorities that pages trust.

    `kinds` has counters for each kind of action: times (how often it happened), events (functions
    called), messages (received over the socket), calls (of the HTTP API), cpu_s, log (bytes), and
    the counters of the toll.
    """

    def __init__(self, start, toll, client, resources, origin, authorities):
        self.start, self.toll, self.client, self.resources, self.origin = start, toll, client, resources, origin
        self.authorities = authorities
        self.workers, self.kinds, self.stages = {}, {}, {}
        self.kind, self.connections = Counter(), 0
        self.walls = []
        secret = client("secretsmanager").get_secret_value(SecretId=resources["OriginSecret"])
        # What CloudFront adds to every request of a page.
        self.front = {"x-sightline-origin": secret["SecretString"]}

    def worker(self, function):
        if function not in self.workers:
            self.workers[function] = self.start(function)
            self.workers[function].until_it_asks()
        return self.workers[function]

    def warm(self, functions):
        """Starts programs now, so that their start is not counted for any kind of action."""
        for function in functions:
            self.worker(function)

    def end(self):
        for worker in self.workers.values():
            worker.end()

    @contextlib.contextmanager
    def counting(self, kind, times=1):
        """Counts everything inside the block for this kind of action."""
        before, self.kind = Counter(self.toll.counted), Counter()
        yield
        after = Counter(self.toll.counted)
        after.subtract(before)
        counted = self.kinds.setdefault(kind, Counter())
        counted["times"] += times
        counted.update(self.kind)
        counted.update(after)

    def invoke(self, function, event):
        worker = self.worker(function)
        logged = worker.log.stat().st_size
        answer, wall, cpu = worker.invoke(event)
        self.walls.append(wall)
        self.kind.update(events=1, cpu_s=cpu, log=worker.log.stat().st_size - logged)
        return answer

    def ask(self, method, path, body=None, cookie=None):
        """Calls the HTTP API. Returns the answer's body and cookies."""
        host = urlsplit(self.origin).netloc
        headers = {"content-type": "application/json", "origin": self.origin, "host": host, **self.front}
        now = time.time()
        context = {
            "accountId": "000000000000",
            "apiId": "api",
            "domainName": "api.invalid",
            "domainPrefix": "api",
            "requestId": "one",
            "routeKey": "ANY /api/{proxy+}",
            "stage": "$default",
            "time": "15/Jan/2027:08:00:00 +0000",
            "timeEpoch": int(now * 1000),
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7",
                "userAgent": "Mozilla/5.0",
            },
        }
        event = {
            "version": "2.0",
            "routeKey": context["routeKey"],
            "rawPath": path,
            "rawQueryString": "",
            "headers": headers,
            "requestContext": context,
            "isBase64Encoded": False,
        }
        if cookie:
            event["cookies"] = [cookie]
        if body is not None:
            event["body"] = json.dumps(body)
        self.kind["calls"] += 1
        answer = self.invoke("invite", event)
        assert answer["statusCode"] == 200, f"{path}: {answer}"
        return json.loads(answer.get("body") or "{}"), answer.get("cookies", [])

    def connect(self, headers, stage="ws"):
        """Performs a handshake with the API of this stage. Returns the connection's id."""
        self.connections += 1
        connection = f"TWegAcC4EowC{self.connections:03}"
        self.stages[connection] = stage
        headers = {
            "Host": "api.invalid",
            "User-Agent": "Mozilla/5.0",
            "Sec-WebSocket-Protocol": "sightline.1",
            **self.front,
            **headers,
        }
        event = self.event("CONNECT", "$connect", connection)
        event["headers"] = headers
        event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
        answer = self.invoke("connection", event)
        assert answer["statusCode"] == 200, f"the handshake was refused: {answer}"
        return connection

    def disconnect(self, connection):
        self.invoke("connection", self.event("DISCONNECT", "$disconnect", connection))

    def message(self, connection, words):
        topic = words["topic"]
        event = {**self.event("MESSAGE", topic, connection), "body": json.dumps(words)}
        self.kind["messages"] += 1
        self.invoke(ROUTES.get(topic, topic), event)

    def event(self, what, route, connection):
        now_ms = int(time.time() * 1000)
        context = {
            "routeKey": route,
            "eventType": what,
            "messageId": "one",
            "extendedRequestId": "one",
            "requestId": "one",
            "requestTime": "15/Jan/2027:08:00:00 +0000",
            "requestTimeEpoch": now_ms,
            "connectedAt": now_ms,
            "messageDirection": "IN",
            "stage": self.stages[connection],
            "domainName": "api.invalid",
            "apiId": "api",
            "connectionId": connection,
            "identity": {"sourceIp": "192.0.2.7", "userAgent": "Mozilla/5.0"},
        }
        return {"requestContext": context, "isBase64Encoded": False}

    def quiet(self, page):
        """Moves the page's last activity into the past, so that its next message is recorded
        again."""
        self.client("dynamodb").update_item(
            TableName=self.resources["Table"],
            Key={"pk": {"S": f"s#{page.session}"}, "sk": {"S": f"0seat-{page.seat}"}},
            UpdateExpression="SET heard = heard - :quiet",
            ConditionExpression="attribute_exists(heard)",
            ExpressionAttributeValues={":quiet": {"N": str(QUIET_S * 1000)}},
        )

    def secret(self, name):
        text = self.client("secretsmanager").get_secret_value(SecretId=self.resources[name])["SecretString"]
        return hashlib.sha256(text.encode()).digest()

    def put(self, slot, picture):
        """Uploads a picture as a page does, with exactly the signed headers."""
        context = ssl.create_default_context(cafile=self.authorities)
        request = urllib.request.Request(slot["url"], picture, dict(slot["headers"]), method="PUT")
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:
            assert answer.status == 200, answer.status


class Relay:
    """A relay's connection to the functions, without media."""

    def __init__(self, house):
        self.house, self.id = house, identity()
        now = int(time.time())
        token = signed(house.secret("RelayKey"), "relay", {"issued_s": now, "expires_s": now + 60})
        self.connection = house.connect({"Authorization": f"Bearer {token}"}, "relay")
        self.says("hello", rooms_max=200, media=["192.0.2.9:3478"])
        self.hears("welcome")

    def lease(self):
        self.says("lease", rooms=3, draining=False)
        self.hears("welcome")

    def answers(self, page):
        offer = self.hears("offer")
        words = {"session": page.session, "seat": page.seat, "page": page.page, "attempt": offer["attempt"], "sdp": SDP}
        self.says("answer", **words)

    def says(self, kind, **more):
        self.house.message(self.connection, {"topic": "relay", "type": kind, "relay": self.id, **more})

    def hears(self, kind):
        heard = self.house.toll.hears(self.connection)
        return next((word for word in heard if word["type"] == kind), None) or missing("the relay", kind, heard)


class Page:
    """A page's socket."""

    def __init__(self, house, session, seat, cookie):
        self.house, self.session, self.seat, self.page, self.n = house, session, seat, identity(), 0
        self.cookie, self.connection, self.heard = cookie, None, []

    def connects(self):
        self.connection = self.house.connect({"Origin": self.house.origin, "Cookie": self.cookie})
        self.asks("session", "attach", "attached", seat=self.seat)

    def offers(self, relay):
        self.says("signaling", "offer", attempt=1, sdp=SDP)
        relay.answers(self)
        self.hears("answer")

    def says(self, topic, kind, **more):
        words = {"session": self.session, "page": self.page, "topic": topic, "type": kind, **more}
        self.house.message(self.connection, words)

    def asks(self, topic, kind, answer, **more):
        self.says(topic, kind, **more)
        return self.hears(answer)

    def commands(self, topic, kind, **more):
        self.n += 1
        done = self.asks(topic, kind, "done", n=self.n, **more)
        assert done["n"] == self.n and "refused" not in done, f"{self.seat}: {topic} {kind} was refused: {done}"

    def hears(self, kind):
        self.heard += self.house.toll.hears(self.connection)
        for at, word in enumerate(self.heard):
            if word["type"] == kind:
                return self.heard.pop(at)
        return missing(self.seat, kind, self.heard)

    def hears_of(self, event):
        """Returns the next pushed event of this type."""
        while True:
            found = [one for one in self.hears("events")["events"] if one["type"] == event]
            if found:
                return found[0]

    def forgets(self):
        self.heard = []
        self.house.toll.hears(self.connection)


def hold(house, lines):
    """Plays a whole call with each kind of action and this many lines of chat. Returns wall and
    processor seconds of each line."""
    agent_cookie = f"__Host-agent={agent(house)}"
    with house.counting("relay arrives"):
        relay = Relay(house)
    for _ in range(3):
        with house.counting("lease"):
            relay.lease()
    for _ in range(3):
        # There is no session yet.
        with house.counting("sweep with nothing to do"):
            house.invoke("sweep", {})
    sessions = []
    for number, kind in NUMBERS:
        with house.counting(kind):
            started = invite(house, number, agent_cookie)
        assert house.kinds[kind]["texts"] == 1, "an invite is one text message"
        sessions.append(started["session"])
    unused, session = sessions
    with house.counting("agent looks at the list"):
        calls, _ = house.ask("GET", "/api/sessions", cookie=agent_cookie)
    assert session in json.dumps(calls), f"the call is in the agent's list: {calls}"
    link, _ = house.ask("POST", f"/api/sessions/{session}/link", {}, agent_cookie)
    secret = {"secret": link["link"].split("#")[1]}
    with house.counting("customer opens the link"):
        house.ask("POST", "/api/look", secret)
        _, cookies = house.ask("POST", "/api/enter", secret)
    pages = agents, customers = (
        Page(house, session, "agent", agent_cookie), Page(house, session, "customer", cookies[0].split(";")[0])
    )
    for page in pages:
        with house.counting("page connects"):
            page.connects()
    for step in ("in_lobby", "asking", "joining"):
        with house.counting("step of the lobby"):
            customers.commands("session", "lobby", step=step)
    for page in pages:
        with house.counting("page offers media"):
            page.offers(relay)
    for page, name in ((agents, "Grace"), (customers, "Ada")):
        with house.counting("page joins"):
            devices = {"microphone": True, "camera": page is customers}
            page.commands("session", "join", name=name, video_only=False, **devices, take=False)
    for _ in range(3):
        for page in pages:
            house.quiet(page)
            with house.counting("sign of life"):
                page.asks("session", "ping", "pong")
    for microphone in (False, True):
        with house.counting("switch of a device"):
            customers.commands("session", "media", microphone=microphone, camera=True)
    timed = chat(house, pages, lines)
    pictures(house, pages)
    with house.counting("sweep of two sessions"):
        house.invoke("sweep", {})
    with house.counting("end"):
        agents.commands("session", "end")
        customers.hears_of("ended")
        for page in pages:
            house.disconnect(page.connection)
    count(house, unused, agent_cookie)
    return timed


def count(house, session, agent_cookie):
    """Cancels an invite that nobody opened, which the next sweep counts."""
    page = Page(house, session, "agent", agent_cookie)
    page.connects()
    page.commands("session", "cancel")
    house.disconnect(page.connection)
    with house.counting("sweep that counts a call"):
        house.invoke("sweep", {})
    with house.counting("admin looks at the figures"):
        figures, _ = house.ask("GET", "/api/figures", cookie=f"__Host-agent={agent(house, 'admin')}")
    assert figures["funnel"]["invited"] == 1, f"one call was counted: {figures['funnel']}"


def invite(house, number, agent_cookie):
    """Starts a call with a text message. Returns the answer."""
    started, _ = house.ask("POST", "/api/sessions", {
        "request": identity(), "number": number, "region": "DE", "reference": "CASE-00042", "language": "en",
    }, agent_cookie)
    return started


def chat(house, pages, lines):
    """Sends lines of chat from both pages, each after a while of silence, as people type."""
    timed = []
    for line in range(lines):
        speaker, other = pages if line % 2 else reversed(pages)
        # A page receives its own lines too.
        for page in pages:
            page.forgets()
        if line < 10:
            with house.counting("typing"):
                speaker.says("chat", "typing")
            other.hears("typing")
        house.quiet(speaker)
        before = house.kinds.get("line of chat", Counter())["cpu_s"]
        with house.counting("line of chat"):
            speaker.commands("chat", "say", text=f"The lamp on the left blinks, {line} times since noon.")
        timed.append((house.walls[-1], house.kinds["line of chat"]["cpu_s"] - before))
        said = other.hears_of("said")
        assert said["text"].endswith(f" {line} times since noon."), f"the other page receives this line: {said}"
    for page in pages:
        page.forgets()
    return timed


def pictures(house, pages):
    """Takes two pictures, draws strokes, and sends a picture to the chat."""
    agents, customers = pages
    picture, photo = None, PHOTO.read_bytes()
    for _ in range(2):
        if picture:
            agents.commands("screenshots", "close", picture=picture)
        house.quiet(agents)
        with house.counting("picture"):
            agents.commands("screenshots", "capture")
            picture = customers.hears_of("capture_asked")["seq"]
            upload = {"kind": "sharp", "picture": picture, "attempt": 1}
            house.put(customers.asks("screenshots", "slot", "slot", upload=upload, bytes=len(photo)), photo)
            customers.commands("screenshots", "uploaded", upload=upload)
            agents.hears_of("picture_kept")
            for page in pages:
                page.asks("screenshots", "view", "link", object={"of": "base", "picture": picture})
            # Each page fetches it once.
            house.toll.counted["gets"] += 2
    # One and a half seconds of drawing: a pen makes 30 points per second.
    line = [1200 + 137 * at for at in range(100)]
    stroke = {"tool": "pen", "line": line, "pressure": [100] * (len(line) // 2)}
    through = picture
    for mark in range(12):
        with house.counting("stroke"):
            agents.commands("annotation", "draw", picture=picture, strokes=[{"mark": mark, **stroke}])
        through = agents.hears_of("drawn")["seq"]
        assert customers.hears_of("drawn")["seq"] == through, "the other page receives this stroke"
    with house.counting("picture sent to the chat"):
        upload = {"kind": "sent", "picture": picture, "through": through}
        house.put(agents.asks("screenshots", "slot", "slot", upload=upload, bytes=len(photo)), photo)
        agents.commands("screenshots", "send", picture=picture, through=through)
        customers.hears_of("picture_sent")
        for page in pages:
            page.asks("screenshots", "view", "link", object={"of": "sent", "picture": picture, "through": through})
        house.toll.counted["gets"] += 2
    for page in pages:
        page.forgets()


def agent(house, role="agent"):
    now = int(time.time())
    person = {"agent": "AQEBAQEBAQEBAQEBAQEBAQ", "name": "Grace", "role": role}
    claims = {**person, "issued_s": now, "expires_s": now + 3600}
    return signed(house.secret("SigningKey"), "agent", claims)


def signed(key, purpose, claims):
    text = "1." + b64(json.dumps(claims, separators=(",", ":")).encode())
    return f"{text}.{b64(hmac.digest(key, f'sightline {purpose}'.encode() + bytes(1) + text.encode(), 'sha256'))}"


def missing(who, kind, heard):
    raise AssertionError(f"{who} did not receive {kind}, but {json.dumps(heard)[:1000]}")


def identity():
    return b64(os.urandom(16))


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
