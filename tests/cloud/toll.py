"""A way to the services at which everything is counted as AWS counts it, with TLS or without. `@connections` ends here."""

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

# A message of a WebSocket API is counted in pieces of so many bytes (API Gateway pricing).
PIECE = 32 * 1024
# What one unit reads, and what one unit writes (DynamoDB Developer Guide, "DynamoDB read and write
# operations").
READ, WRITE = 4 * 1024, 1024
HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}
PLACES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]


class Toll:
    """Between a function and MiniStack. With a `context` (see `certified`) it speaks TLS.

    `counted` has: requests, writes and reads (units of the table), puts and gets (requests of the bucket), texts, said
    (messages to connections), and what was asked for by its name.
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
            # The handshake is the business of the connection's own thread.
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.endpoint = f"{'https' if context else 'http'}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()

    def hears(self, connection):
        """What was said to a connection since it was last asked."""
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
                # Of the bucket's requests a deletion is free, and a list costs as much as a write.
                lists = method == "GET" and "list-type" in headers["path"]
                self.counted["puts"] += lists or method in ("PUT", "POST")
                self.counted["gets"] += not lists and method in ("GET", "HEAD")

    def ask_for_item(self, table, key):
        """A row as it stands, past the toll."""
        connection = http.client.HTTPConnection(self.upstream, timeout=30)
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "DynamoDB_20120810.GetItem",
            "authorization": "AWS4-HMAC-SHA256 Credential=test/20270115/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
        }
        connection.request("POST", "/", json.dumps({"TableName": table, "Key": key, "ConsistentRead": True}), headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer.get("Item")


class Booth(BaseHTTPRequestHandler):
    """One connection."""

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
            # It was closed for want of use.
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
    """Units that calls to the table take. Remembers how large rows are, since a write counts the larger of before and after."""

    def __init__(self, look):
        self.look, self.rows = look, {}

    def units(self, call, asked, answer):
        """Reads and writes of a call. Refused ones are counted as well: a condition that does not hold costs what a write costs."""
        if call == "GetItem":
            return reading(size(answer.get("Item", {})), asked), 0
        if call == "Query":
            return reading(sum(size(item) for item in answer.get("Items", [])), asked), 0
        if call == "PutItem":
            return 0, self.put(asked["Item"])
        if call == "UpdateItem":
            return 0, self.put(self.look(asked["TableName"], asked["Key"]) or asked["Key"])
        if call == "DeleteItem":
            before, _ = self.rows.pop(place(asked["Key"]), (0, False))
            return 0, writing(before)
        if call == "TransactWriteItems":
            return 0, sum(self.in_transaction(write) for write in asked["TransactItems"])
        raise AssertionError(f"{call} has no price here")

    def in_transaction(self, write):
        """Each is written twice, for preparing and for doing; its line in the index once."""
        (kind, what), = write.items()
        assert kind in ("Put", "Update"), f"{kind} has no price here"
        item = what["Item"] if kind == "Put" else self.look(what["TableName"], what["Key"]) or what["Key"]
        _, indexed = self.rows.get(place(item), (0, False))
        alone = self.put(item)
        index = indexed != ("open" in item)
        return 2 * (alone - index) + index

    def put(self, item):
        before, indexed = self.rows.get(place(item), (0, False))
        after, index = size(item), "open" in item
        self.rows[place(item)] = after, index
        # The index has keys alone: it is written where a row comes into it or goes.
        return writing(max(before, after)) + (indexed != index)


def place(item):
    return item["pk"]["S"], item["sk"]["S"]


def size(item):
    """Bytes of an item (DynamoDB Developer Guide, "DynamoDB item sizes and formats")."""
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
    raise AssertionError(f"a value of the kind {kind} has no size here")


def reading(size, asked):
    units = max(1, -(-size // READ))
    return units if asked.get("ConsistentRead") else units / 2


def writing(size):
    return max(1, -(-size // WRITE))


def certified(folder):
    """TLS for loopback in files of this folder. Gives the server's side, and a file with the authority behind it among those that
    this machine trusts anyway: to read them all is part of a start."""
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
    top = top.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(authority, hashes.SHA256())
    leaf = certificate("loopback", own, "authority")
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
    leaf = leaf.add_extension(names, critical=False).add_extension(usage, critical=False)
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).sign(authority, hashes.SHA256())

    pem = serialization.Encoding.PEM
    secret = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "loopback.pem").write_bytes(secret + leaf.public_bytes(pem))
    system = next((Path(place).read_bytes() for place in PLACES if Path(place).exists()), b"")
    authorities = folder / "authorities.pem"
    authorities.write_bytes(top.public_bytes(pem) + system)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "loopback.pem")
    return context, authorities
