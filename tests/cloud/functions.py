"""Tests the deployed functions under the roles of their stack: two people call each other through
MiniStack's APIs, then each role tries what it must not do."""

import base64
import hashlib
import hmac
import json
import os
import re
import time
import urllib.error
import urllib.request
from pathlib import Path

import websocket
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "+4915112345678"
PICTURE = (ROOT / "functions/host/samples/jpeg/photo.jpg").read_bytes()
ANSWER_S = 20
# From a test of a webhook to its outcome, with the start of a function.
DELIVERED_S = 60
# Of a request and of a handshake without CloudFront's secret. MiniStack refuses every handshake
# with 403.
REFUSED_STATUSES = (421, 403)
REFUSED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedException")


class Functions:
    """The functions of one stack. `client` makes a client of a service; `resources` has physical
    ids by logical ids."""

    def __init__(self, client, resources, origin):
        self.client = client
        self.resources = resources
        self.endpoint = client("sts").meta.endpoint_url
        self.http = f"{self.endpoint}/_aws/execute-api/{resources['HttpApi']}/$default"
        self.ws = f"{self.endpoint}/_aws/execute-api/{resources['WsApi']}/ws".replace("http", "ws", 1)
        self.origin = origin
        # The emulator has no CloudFront in front of the APIs.
        self.front = {"x-sightline-origin": self.secret("OriginSecret")}
        self.key = hashlib.sha256(self.secret("SigningKey").encode()).digest()

    def secret(self, name):
        return self.client("secretsmanager").get_secret_value(SecretId=self.resources[name])["SecretString"]

    # ---- permitted calls ----

    def do_their_work(self):
        """Plays a call: an invite, a text message, two people who join, a line of chat, a picture
        with a stroke, its deletion, the call's erasure, and a sweep. Then tries a webhook."""
        agent_cookie = f"__Host-agent={self.agent()}"
        started, _ = self.post("/api/sessions", {
            "request": identity(), "number": NUMBER, "region": "DE", "reference": "CASE-00042", "language": "en",
        }, agent_cookie)
        session = started["session"]
        link = self.text_message(NUMBER)
        _, cookies = self.post("/api/enter", {"secret": link.split("#")[1]})
        seat_cookie = cookies[0].split(";")[0]

        agent = Person(self, session, "agent", agent_cookie)
        customer = Person(self, session, "customer", seat_cookie)
        agent.joins("Grace")
        customer.joins("Wilhelmina")
        customer.commands("chat", "say", text="The lamp on the left blinks.")
        agent.hears_of("said")
        agent.commands("screenshots", "capture")
        asked = customer.hears_of("capture_asked")
        upload = {"kind": "sharp", "picture": asked["seq"], "attempt": 1}
        picture = PICTURE
        slot = customer.asks("screenshots", "slot", "slot", upload=upload, bytes=len(picture))
        put(slot["url"], dict(slot["headers"]), picture)
        customer.commands("screenshots", "uploaded", upload=upload)
        agent.hears_of("picture_kept")
        stroke = {"mark": 7, "tool": "pen", "line": [1200, 65535, 1480, 64020], "pressure": [0, 128]}
        agent.commands("annotation", "draw", picture=asked["seq"], strokes=[stroke])
        view = agent.asks("screenshots", "view", "link", object={"of": "base", "picture": asked["seq"]})
        with urllib.request.urlopen(view["url"], timeout=ANSWER_S) as answer:
            assert answer.read().startswith(b"\xff\xd8"), "the picture is a JPEG"
        agent.commands("screenshots", "delete", picture=asked["seq"])
        left = self.client("s3").list_objects_v2(Bucket=self.resources["Pictures"]).get("Contents", [])
        assert not left, f"nothing is left after the deletion: {left}"
        upload = {"kind": "sharp", "picture": self.captures(agent, customer), "attempt": 1}
        slot = customer.asks("screenshots", "slot", "slot", upload=upload, bytes=len(picture))
        put(slot["url"], dict(slot["headers"]), picture)
        agent.commands("session", "end")
        customer.hears_of("ended")
        for person in (agent, customer):
            person.leaves()
        self.erases(session, [NUMBER[1:], NUMBER[-4:], "CASE-00042", "Wilhelmina", "blinks", session, link.split("#")[1]])
        self.sweeps()
        self.delivers()
        self.no_call_was_denied()

    def delivers(self):
        """Tries a webhook that leads inside, where the function may not dial, and waits until it has
        noted what became of the message."""
        admin = f"__Host-agent={self.agent('admin')}"
        made, _ = self.post("/api/webhooks", {"name": "Inside", "url": "https://127.0.0.1:9/"}, admin)
        webhook = f"/api/webhooks/{made['webhook']['id']}"
        self.post(f"{webhook}/test", None, admin)
        request = urllib.request.Request(f"{self.http}{webhook}/deliveries", headers={"cookie": admin, **self.front})
        until = time.monotonic() + DELIVERED_S
        while True:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
                (line,) = json.loads(answer.read())["deliveries"]
            if line["phase"] == "dead":
                assert line["outcome"] == {"outcome": "forbidden"}, line
                return
            assert time.monotonic() < until, f"nothing was delivered: {line}"
            time.sleep(0.5)

    # ---- a restore ----

    def leaves_a_call_behind(self, number, ends):
        """Plays a short call that leaves a picture, and ends it or goes on. Returns its session,
        its agent's page and the picture's number."""
        agent_cookie = f"__Host-agent={self.agent()}"
        begin = {"number": number, "region": "DE", "reference": "CASE-00043", "language": "en"}
        started, _ = self.post("/api/sessions", {"request": identity(), **begin}, agent_cookie)
        session = started["session"]
        _, cookies = self.post("/api/enter", {"secret": self.text_message(number).split("#")[1]})
        agent = Person(self, session, "agent", agent_cookie)
        customer = Person(self, session, "customer", cookies[0].split(";")[0])
        agent.joins("Grace")
        customer.joins("Wilhelmina")
        asked = self.captures(agent, customer)
        upload = {"kind": "sharp", "picture": asked, "attempt": 1}
        slot = customer.asks("screenshots", "slot", "slot", upload=upload, bytes=len(PICTURE))
        put(slot["url"], dict(slot["headers"]), PICTURE)
        customer.commands("screenshots", "uploaded", upload=upload)
        agent.hears_of("picture_kept")
        if ends:
            agent.commands("session", "end")
        for person in (agent, customer):
            person.leaves()
        return session, agent.page, asked

    def has_the_picture_of(self, session, page, picture):
        """Fetches a picture of a call that runs, as the agent's page does that comes back."""
        agent = Person(self, session, "agent", f"__Host-agent={self.agent()}")
        agent.page = page
        agent.says("session", "attach", seat="agent")
        agent.hears("attached")
        view = agent.asks("screenshots", "view", "link", object={"of": "base", "picture": picture})
        agent.leaves()
        with urllib.request.urlopen(view["url"], timeout=ANSWER_S) as answer:
            return answer.read().startswith(b"\xff\xd8")

    def log_status(self, session):
        headers = {"cookie": f"__Host-agent={self.agent()}", **self.front}
        request = urllib.request.Request(f"{self.http}/api/sessions/{session}/log?from=1&seat=agent", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def captures(self, agent, customer):
        agent.commands("screenshots", "capture")
        return customer.hears_of("capture_asked")["seq"]

    def erases(self, session, words):
        """Erases a call, and searches the whole table and the bucket for its words."""
        pseudonym = hmac.digest(self.key, b"sightline pseudonym number\0" + NUMBER.encode(), "sha256")
        words = [*words, b64(pseudonym)]
        before = self.everything()
        missing = [word for word in words if word not in before and word != words[-2]]
        assert not missing, f"the search finds nothing of what is there: {missing}"
        path = f"/api/sessions/{session}"
        for role, status in (("agent", 403), ("admin", 200), ("admin", 200)):
            answered, answer = self.delete(path, f"__Host-agent={self.agent(role)}")
            assert answered == status, f"{role}: {answered} {answer}"
        assert answer["log_days"] > 0 and answer["backup_days"] > 0, answer
        # The tombstone is the id and nothing else, so is the note for a restore. The audit log has
        # the id, too.
        left = self.everything()
        around = [left[max(0, at.start() - 80) : at.end() + 80] for at in re.finditer(re.escape(session), left)]
        stays = (len(around), left.count(f"erased/{session}"), left.count('"deed":"call_erased"'))
        assert stays == (3, 1, 1), f"tombstone, note and audit line stay: {around}"
        found = [word for word in words if word in left and word != session]
        assert not found, f"erased, and yet there: {found}"

    def everything(self):
        """Returns all rows of the table, and the names and bytes of all objects, as text. Times are
        left out: their digits are by chance those of a number."""
        rows = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.resources["Table"])
        items = [item for page in rows for item in page["Items"]]
        s3, bucket = self.client("s3"), self.resources["Pictures"]
        names = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        objects = [s3.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names]
        return re.sub(r"\b1\d{9,12}\b", "", f"{items} {names} {objects}")

    def delete(self, path, cookie):
        headers = {"origin": self.origin, "cookie": cookie, **self.front}
        request = urllib.request.Request(self.http + path, headers=headers, method="DELETE")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def agent(self, role="agent"):
        now = int(time.time())
        person = {"agent": "AQEBAQEBAQEBAQEBAQEBAQ", "name": "Grace", "role": role}
        claims = {**person, "issued_s": now, "expires_s": now + 3600}
        signed = "1." + b64(json.dumps(claims, separators=(",", ":")).encode())
        mac = hmac.digest(self.key, b"sightline agent\0" + signed.encode(), "sha256")
        return f"{signed}.{b64(mac)}"

    def post(self, path, body, cookie=None):
        headers = {"content-type": "application/json", "origin": self.origin, **self.front}
        if cookie:
            headers["cookie"] = cookie
        request = urllib.request.Request(self.http + path, json.dumps(body).encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"{}"), answer.headers.get_all("set-cookie") or []
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read()[:500]}") from None

    def text_message(self, number):
        with urllib.request.urlopen(f"{self.endpoint}/_ministack/sns/sms-messages", timeout=ANSWER_S) as answer:
            sent = json.loads(answer.read())["sms_messages"]
        assert len(sent.get(number, [])) == 1, f"one text message to each number: {list(sent)}"
        return re.search(r"https?://\S+", sent[number][0]["Message"]).group()

    def sweeps(self):
        answer = self.client("lambda").invoke(FunctionName=self.resources["SweepFunction"], Payload=b"{}")
        assert "FunctionError" not in answer, answer["Payload"].read()[:2000]

    def no_call_was_denied(self):
        """Searches the logs: a function logs every call that AWS denies."""
        logs = self.client("logs")
        logged = [name for logical, name in self.resources.items() if logical.endswith("Log")]
        groups = [name for name in logged if name.startswith("/sightline/")]
        read = 0
        for group in groups:
            for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
                name = stream["logStreamName"]
                found = logs.get_log_events(logGroupName=group, logStreamName=name, startFromHead=True)
                events = found["events"]
                read += len(events)
                for event in events:
                    assert not any(word in event["message"] for word in REFUSED), f"{group}: {event['message']}"
        assert read > 0, "no function has logged anything"

    # ---- CloudFront's secret ----

    def answer_nobody_who_goes_around_cloudfront(self):
        """Calls both APIs at their own addresses, before and after two changes of the secret."""
        first = self.front["x-sightline-origin"]
        for said in (None, "", "guessed"):
            assert self.knock(said) == REFUSED_STATUSES, f"{said!r}: {self.knock(said)}"
        assert self.knock(first) == (200, 101), self.knock(first)
        second, third = identity(), identity()
        for new, accepted, refused in ((second, (first, second), ()), (third, (second, third), (first,))):
            self.client("secretsmanager").put_secret_value(SecretId=self.resources["OriginSecret"], SecretString=new)
            self.begin_a_new_round(new)
            for said in accepted:
                assert self.knock(said) == (200, 101), f"{said} after a new secret: {self.knock(said)}"
            for said in refused:
                assert self.knock(said) == REFUSED_STATUSES, f"{said} after two: {self.knock(said)}"
        self.front = {"x-sightline-origin": third}

    def begin_a_new_round(self, name):
        """Starts the functions that read secrets again, as a new SignInRound does."""
        functions = self.client("lambda")
        for function in ("InviteFunction", "ConnectionFunction"):
            named = {"FunctionName": self.resources[function]}
            variables = functions.get_function_configuration(**named)["Environment"]["Variables"]
            functions.update_function_configuration(
                **named, Environment={"Variables": {**variables, "SIGN_IN_ROUND": name}}
            )

    def knock(self, said):
        """Returns the statuses of a request and of an agent's handshake."""
        front = {} if said is None else {"x-sightline-origin": said}
        request = urllib.request.Request(f"{self.http}/api/entrance", headers=front)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
                http = answer.status
        except urllib.error.HTTPError as error:
            http = error.code
        try:
            websocket.create_connection(
                self.ws,
                timeout=ANSWER_S,
                origin=self.origin,
                cookie=f"__Host-agent={self.agent()}",
                header={"Sec-WebSocket-Protocol": "sightline.1", **front},
            ).close()
            return http, 101
        except websocket.WebSocketBadStatusException as error:
            return http, error.status_code

    # ---- forbidden calls ----

    def try_what_they_may_not(self):
        """Makes the forbidden calls of each function with the function's role."""
        tried = []
        for function in [name for name in self.resources if name.endswith("Function") or name == "Publisher"]:
            role = function.removesuffix("Function") + "Role"
            clients = self.as_role(role)
            # These credentials work: what follows is refused for a missing right only.
            assert self.resources[role] in clients("sts").get_caller_identity()["Arn"], role
            self.permitted(function, clients)
            for what, call in self.forbidden(function, clients).items():
                tried.append(Tried(function, what, not refused(call)))
        assert tried, "nothing was tried"
        return tried

    def permitted(self, function, clients):
        """Makes a call that the function's role allows."""
        if function == "Publisher":
            clients("s3").list_objects_v2(Bucket=self.resources["Web"])
        else:
            key = {"pk": {"S": "webhooks"}, "sk": {"S": "0"}}
            clients("dynamodb").get_item(TableName=self.resources["Table"], Key=key)

    def forbidden(self, function, clients):
        table, pictures, web = (self.resources[name] for name in ("Table", "Pictures", "Web"))
        calls = {
            "scan the table": lambda: clients("dynamodb").scan(TableName=table),
            "list tables": lambda: clients("dynamodb").list_tables(),
            "delete the table": lambda: clients("dynamodb").delete_table(TableName=table),
            "list buckets": lambda: clients("s3").list_buckets(),
            "write elsewhere among the pictures": lambda: clients("s3").put_object(
                Bucket=pictures, Key="other/x", Body=b"x"
            ),
            "publish to a topic": lambda: clients("sns").publish(
                TopicArn=f"arn:aws:sns:{clients('sns').meta.region_name}:000000000000:any", Message="x"
            ),
            "invoke a function": lambda: clients("lambda").invoke(FunctionName=self.resources["SweepFunction"]),
            "add an agent": lambda: clients("cognito-idp").admin_create_user(
                UserPoolId=self.resources["UserPool"], Username="eve@example.com"
            ),
        }
        reads = lambda secret: lambda: clients("secretsmanager").get_secret_value(SecretId=self.resources[secret])
        if function != "Publisher":
            calls["write a page"] = lambda: clients("s3").put_object(Bucket=web, Key="agent", Body=b"x")
        if function != "InviteFunction":
            calls["send a text message"] = lambda: clients("sns").publish(PhoneNumber=NUMBER, Message="x")
        # Lists of what a search found, and exports of a period.
        if function not in ("InviteFunction", "CaseFunction"):
            calls["read many rows at once"] = lambda: clients("dynamodb").batch_get_item(
                RequestItems={table: {"Keys": [{"pk": {"S": "x"}, "sk": {"S": "x"}}]}}
            )
        if function not in ("ScreenshotsFunction", "CaseFunction"):
            calls["read a picture"] = lambda: clients("s3").get_object(Bucket=pictures, Key="pictures/a/1")
        if function != "ScreenshotsFunction":
            calls["write a picture"] = lambda: clients("s3").put_object(Bucket=pictures, Key="pictures/a/1", Body=b"x")
        if function != "EraseFunction":
            calls["note a call as erased"] = lambda: clients("s3").put_object(Bucket=pictures, Key="erased/x", Body=b"")
            calls["delete many rows at once"] = lambda: clients("dynamodb").batch_write_item(
                RequestItems={table: [{"DeleteRequest": {"Key": {"pk": {"S": "x"}, "sk": {"S": "x"}}}}]}
            )
        if function not in ("ScreenshotsFunction", "SweepFunction", "EraseFunction"):
            calls["delete a picture"] = lambda: clients("s3").delete_object(Bucket=pictures, Key="pictures/a/1")
        if function not in ("InviteFunction", "ConnectionFunction", "EraseFunction", "CaseFunction"):
            calls["impersonate CloudFront"] = reads("OriginSecret")
            calls["read the key that signs people in"] = reads("SigningKey")
            calls["sign a relay's token"] = reads("RelayKey")
        if function != "CaseFunction":
            calls["sign a case file"] = reads("CaseKey")
            calls["read a case file"] = lambda: clients("s3").get_object(Bucket=pictures, Key="cases/a/1.zip")
            calls["write a case file"] = lambda: clients("s3").put_object(Bucket=pictures, Key="cases/a/1.zip", Body=b"x")
        queue = self.resources["Deliveries"]
        if function != "DeliverFunction":
            calls["take a message from the queue"] = lambda: clients("sqs").receive_message(QueueUrl=queue)
        if function in ("DeliverFunction", "Publisher"):
            calls["put a message into the queue"] = lambda: clients("sqs").send_message(
                QueueUrl=queue, MessageBody="x", MessageGroupId="x", MessageDeduplicationId="x"
            )
            calls["delete a row"] = lambda: clients("dynamodb").delete_item(
                TableName=table, Key={"pk": {"S": "webhooks"}, "sk": {"S": "0"}}
            )
        if function != "SweepFunction":
            calls["list open sessions"] = lambda: clients("dynamodb").query(
                TableName=table, IndexName="open", KeyConditionExpression="#o = :o",
                ExpressionAttributeNames={"#o": "open"}, ExpressionAttributeValues={":o": {"S": "open#0"}},
            )
        return calls

    def as_role(self, logical):
        """Returns clients with a role's rights. Only Lambda may assume the role, so this adds its
        account to the trust policy."""
        iam, role = self.client("iam"), self.resources[logical]
        described = iam.get_role(RoleName=role)["Role"]
        account = described["Arn"].split(":")[4]
        trust = json.loads(json.dumps(described["AssumeRolePolicyDocument"]))
        owner = {"AWS": f"arn:aws:iam::{account}:root"}
        trust["Statement"].append({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": owner})
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
        given = self.client("sts").assume_role(RoleArn=described["Arn"], RoleSessionName="rehearsal")["Credentials"]
        credentials = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        return lambda service: self.client(service, **credentials)


class Tried:
    """A forbidden call and its outcome."""

    def __init__(self, function, what, allowed):
        self.function, self.what, self.allowed = function, what, allowed

    def __str__(self):
        return f"{self.function} may {self.what}"


class Person:
    """A page's socket, without media."""

    def __init__(self, functions, session, seat, cookie):
        self.session, self.seat, self.page, self.n = session, seat, identity(), 0
        self.heard = []
        self.socket = websocket.create_connection(
            functions.ws,
            timeout=ANSWER_S,
            origin=functions.origin,
            cookie=cookie,
            header={"Sec-WebSocket-Protocol": "sightline.1", **functions.front},
        )

    def joins(self, name):
        self.says("session", "attach", seat=self.seat)
        self.hears("attached")
        devices = {"microphone": True, "camera": self.seat == "customer"}
        self.commands("session", "join", name=name, video_only=False, **devices, take=False)

    def says(self, topic, kind, **more):
        words = {"session": self.session, "page": self.page, "topic": topic, "type": kind, **more}
        self.socket.send(json.dumps(words))

    def commands(self, topic, kind, **more):
        self.n += 1
        self.says(topic, kind, n=self.n, **more)
        done = self.hears("done", lambda word: word["n"] == self.n)
        assert "refused" not in done, f"{self.seat}: {topic} {kind} was refused: {done}"

    def asks(self, topic, kind, answer, **more):
        self.says(topic, kind, **more)
        return self.hears(answer)

    def hears(self, kind, also=lambda word: True):
        """Returns the next message of this type and waits for it."""
        until = time.monotonic() + ANSWER_S
        while time.monotonic() < until:
            for at, word in enumerate(self.heard):
                if word.get("type") == kind and also(word):
                    return self.heard.pop(at)
            self.heard.append(json.loads(self.socket.recv()))
        raise AssertionError(f"{self.seat} did not receive {kind}, but {[word.get('type') for word in self.heard]}")

    def hears_of(self, event):
        """Returns the next event of this type and waits for it."""
        found = lambda word: any(one["type"] == event for one in word["events"])
        word = self.hears("events", found)
        return next(one for one in word["events"] if one["type"] == event)

    def leaves(self):
        self.socket.close()


def refused(call):
    """Whether a call was denied for a missing right, and for no other reason."""
    try:
        call()
        return False
    except ClientError as error:
        return error.response["Error"]["Code"] in REFUSED


def put(url, headers, body):
    request = urllib.request.Request(url, body, headers, method="PUT")
    with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
        assert answer.status == 200, answer.status


def identity():
    return b64(os.urandom(16))


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
