"""A proxy before MiniStack that counts requests as AWS bills them, with or without TLS. It answers
requests to `@connections` itself."""

import base64
import datetime
import http.client
import json
import ssl
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from worker import Server

# A message of a WebSocket API is billed in pieces of this many bytes (API Gateway pricing).
PIECE = 32 * 1024
# Bytes per read unit and per write unit (DynamoDB Developer Guide, "DynamoDB read and write
# operations").
READ, WRITE = 4 * 1024, 1024
HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}
PLACES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]


class Toll:
    """A proxy between functions and MiniStack. With a `context` (see `certified`) it uses TLS.

    `counted` has: requests, writes and reads (units of the table), puts and gets (requests of the
    bucket), texts, said (messages to connections), and the number of calls by operation name.
    """

    def __init__(self, upstream, context=None):
        self.upstream = urlsplit(upstream).netloc
        self.counted, self.heard = Counter(), {}
        self.lock = threading.Lock()
        self.under_way, self.busy_since, self.busy_s = 0, 0.0, 0.0
        self.table = Table(self.ask_for_item)
        self.server = Server(("127.0.0.1", 0), Booth)
        self.server.toll = self
        if context:
            # The connection's own thread performs the handshake.
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.endpoint = f"{'https' if context else 'http'}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()

    def hears(self, connection):
        """Returns the messages to a connection since the last call."""
        with self.lock:
            return self.heard.pop(connection, [])

    def begin(self):
        with self.lock:
            if self.under_way == 0:
                self.busy_since = time.monotonic()
            self.under_way += 1

    def finish(self):
        with self.lock:
            self.under_way -= 1
            if self.under_way == 0:
                self.busy_s += time.monotonic() - self.busy_since

    def say(self, connection, message):
        with self.lock:
            self.heard.setdefault(connection, []).append(json.loads(message))
            self.counted["said"] += max(1, -(-len(message) // PIECE))

    def count(self, method, headers, body, answer):
        target = headers.get("x-amz-target", "")
        with self.lock:
            self.counted["requests"] += 1
            if target.startswith("DynamoDB_"):
                call = target.split(".")[1]
                self.counted[call] += 1
                reads, writes = self.table.units(call, json.loads(body), json.loads(answer or b"{}"))
                self.counted["reads"] += reads
                self.counted["writes"] += writes
            elif target:
                self.counted[target.split(".")[1]] += 1
            elif b"Action=" in body[:2000] and method == "POST":
                self.counted["texts"] += b"Action=Publish" in body
            else:
                # Bucket requests: deletions are free, and a list costs as much as a write.
                lists = method == "GET" and "list-type" in headers["path"]
                self.counted["puts"] += lists or method in ("PUT", "POST")
                self.counted["gets"] += not lists and method in ("GET", "HEAD")

    def ask_for_item(self, table, key):
        """Reads an item from MiniStack without counting."""
        connection = http.client.HTTPConnection(self.upstream, timeout=30)
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "DynamoDB_20120810.GetItem",
            "authorization": (
                "AWS4-HMAC-SHA256 Credential=test/20270115/eu-central-1/dynamodb/aws4_request,"
                " SignedHeaders=host, Signature=0"
            ),
        }
        connection.request("POST", "/", json.dumps({"TableName": table, "Key": key, "ConsistentRead": True}), headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer.get("Item")


class Booth(BaseHTTPRequestHandler):
    """One connection to the proxy."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    onward = None

    def pass_on(self):
        toll = self.server.toll
        toll.begin()
        try:
            body = self.body()
            path = urlsplit(self.path).path
            if "/@connections/" in path:
                if self.command == "POST":
                    toll.say(unquote(path.rsplit("/", 1)[1]), body)
                return self.answer(200, [], b"")
            status, headers, answer = self.ask(body)
            named = {name.lower(): value for name, value in self.headers.items()}
            toll.count(self.command, {**named, "path": self.path}, body, answer)
        finally:
            toll.finish()
        self.answer(status, headers, answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(pieces)

    def ask(self, body):
        if self.onward is None:
            self.onward = http.client.HTTPConnection(self.server.toll.upstream, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        headers["content-length"] = str(len(body))
        try:
            self.onward.request(self.command, self.path, body, headers)
            answer = self.onward.getresponse()
        except (http.client.HTTPException, ConnectionError):
            # MiniStack has closed the idle connection.
            self.onward.close()
            self.onward.request(self.command, self.path, body, headers)
            answer = self.onward.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        length = dict((name.lower(), value) for name, value in headers).get("content-length", "0")
        self.send_header("Content-Length", length if self.command == "HEAD" else str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)
        self.wfile.flush()

    def finish(self):
        if self.onward is not None:
            self.onward.close()
        try:
            super().finish()
        except OSError:
            pass

    def log_message(self, *_):
        pass


class Table:
    """Computes the units of calls to the table. Remembers the sizes of items, because a write costs
    the larger of the sizes before and after."""

    def __init__(self, look):
        self.look, self.rows = look, {}

    def units(self, call, asked, answer):
        """Returns read and write units of a call. A write whose condition fails costs as much as
        one that succeeds."""
        if call == "GetItem":
            return reading(size(answer.get("Item", {})), asked), 0
        if call == "Query":
            return reading(sum(size(item) for item in answer.get("Items", [])), asked), 0
        if call == "BatchGetItem":
            # Each item is billed by itself, and all rows are of one table.
            (asked,) = asked["RequestItems"].values()
            (rows,) = answer["Responses"].values()
            missing = len(asked["Keys"]) - len(rows)
            return sum(reading(size(row), asked) for row in rows) + missing * reading(0, asked), 0
        if call == "PutItem":
            return 0, self.put(asked["Item"])
        if call == "UpdateItem":
            return 0, self.put(self.look(asked["TableName"], asked["Key"]) or asked["Key"])
        if call == "DeleteItem":
            before, _ = self.rows.pop(place(asked["Key"]), (0, False))
            return 0, writing(before)
        if call == "TransactWriteItems":
            return 0, sum(self.in_transaction(write) for write in asked["TransactItems"])
        raise AssertionError(f"no price known for {call}")

    def in_transaction(self, write):
        """Returns write units in a transaction: twice for the item, once for its index entry."""
        (kind, what), = write.items()
        if kind == "Delete":
            before, _ = self.rows.pop(place(what["Key"]), (0, False))
            return 2 * writing(before)
        assert kind in ("Put", "Update"), f"no price known for {kind} in a transaction"
        item = what["Item"] if kind == "Put" else self.look(what["TableName"], what["Key"]) or what["Key"]
        _, indexed = self.rows.get(place(item), (0, False))
        alone = self.put(item)
        index = indexed != ("open" in item)
        return 2 * (alone - index) + index

    def put(self, item):
        before, indexed = self.rows.get(place(item), (0, False))
        after, index = size(item), "open" in item
        self.rows[place(item)] = after, index
        # The index holds keys only: it is written when an item enters or leaves it.
        return writing(max(before, after)) + (indexed != index)


def place(item):
    return item["pk"]["S"], item["sk"]["S"]


def size(item):
    """Returns the bytes of an item (DynamoDB Developer Guide, "DynamoDB item sizes and
    formats")."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value):
    (kind, said), = value.items()
    if kind == "S":
        return len(said.encode())
    if kind == "N":
        return (len(said.strip("-").replace(".", "")) + 1) // 2 + 1
    if kind == "B":
        return len(base64.b64decode(said))
    if kind in ("BOOL", "NULL"):
        return 1
    raise AssertionError(f"no size known for a value of type {kind}")


def reading(size, asked):
    units = max(1, -(-size // READ))
    return units if asked.get("ConsistentRead") else units / 2


def writing(size):
    return max(1, -(-size // WRITE))


def certified(folder):
    """Makes a certificate for loopback in this folder. Returns the server's TLS context, and a file
    of trusted authorities: the new one and this machine's. Reading all of them is part of a
    start."""
    folder = Path(folder)
    now = datetime.datetime.now(datetime.timezone.utc)
    days = datetime.timedelta(days=2)
    authority, own = (rsa.generate_private_key(65537, 2048) for _ in range(2))

    def certificate(name, key, of):
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, of)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - days)
            .not_valid_after(now + days)
        )

    top = certificate("authority", authority, "authority")
    top = top.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    top = top.sign(authority, hashes.SHA256())
    leaf = certificate("loopback", own, "authority")
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
    leaf = leaf.add_extension(names, critical=False).add_extension(usage, critical=False)
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.sign(authority, hashes.SHA256())

    pem = serialization.Encoding.PEM
    secret = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "loopback.pem").write_bytes(secret + leaf.public_bytes(pem))
    system = next((Path(place).read_bytes() for place in PLACES if Path(place).exists()), b"")
    authorities = folder / "authorities.pem"
    authorities.write_bytes(top.public_bytes(pem) + system)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "loopback.pem")
    return context, authorities
