"""Runs a function's program and sends it events through the Lambda Runtime API."""

import json
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# The program's own time limits are much shorter.
START_S = 30
ANSWER_S = 30
FUNCTION_S = 20


class Worker:
    """One process of a function, started as Lambda does. `log` is a file for its output.

    If the program exits or fails an event, methods raise `AssertionError` with its last output.
    """

    def __init__(self, program, variables, log):
        self.log = Path(log)
        self.polled = threading.Event()
        self.events, self.answers = queue.Queue(), queue.Queue()
        self.first_poll = None
        self.server = Server(("127.0.0.1", 0), Interface)
        self.server.worker = self
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        name = Path(program).parent.name
        environment = {
            **variables,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/sightline/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "one",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
        }
        with self.log.open("wb") as out:
            self.began = time.monotonic()
            self.process = subprocess.Popen(
                [program], env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def until_it_asks(self):
        """Waits until the program asks for an event. Returns wall and processor seconds from its
        start to the first time it asked."""
        until = time.monotonic() + START_S
        while not self.polled.wait(0.05):
            assert self.process.poll() is None, f"the program exited: {self.last_words()}"
            assert time.monotonic() < until, f"the program does not ask for an event: {self.last_words()}"
        at, cpu = self.first_poll
        return at - self.began, cpu

    def invoke(self, event):
        """Sends an event. Returns the answer, wall seconds until it came, and processor seconds
        until the program asked for the next event."""
        self.until_it_asks()
        self.polled.clear()
        cpu, began = self.cpu_s(), time.monotonic()
        self.events.put(event)
        try:
            answer, at = self.answers.get(timeout=ANSWER_S)
        except queue.Empty:
            raise AssertionError(f"no answer: {self.last_words()}") from None
        self.until_it_asks()
        assert "errorType" not in (answer or {}), f"{answer} {self.last_words()}"
        return answer, at - began, self.cpu_s() - cpu

    def cpu_s(self):
        """Returns processor seconds of all threads, including ended ones. Linux encodes the process
        id in the clock's number (clock_getcpuclockid(3))."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory_max(self):
        """Returns the peak memory in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def last_words(self):
        return self.log.read_text(errors="replace")[-2000:]

    def end(self):
        self.process.kill()
        self.process.wait()
        self.events.put(None)
        self.server.shutdown()
        self.server.server_close()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    worker = None

    def handle_error(self, request, client_address):
        """Ignores the broken connection of a killed program."""


class Interface(BaseHTTPRequestHandler):
    """The Lambda Runtime API, version 2018-06-01."""

    protocol_version = "HTTP/1.1"
    # With Nagle's algorithm, an answer in two segments would wait for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        worker = self.server.worker
        if worker.first_poll is None:
            worker.first_poll = time.monotonic(), worker.cpu_s()
        worker.polled.set()
        event = worker.events.get()
        if event is None:
            self.close_connection = True
            return
        deadline_ms = int((time.time() + FUNCTION_S) * 1000)
        self.answer(200, json.dumps(event).encode(), {
            "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:000000000000:function:sightline",
        })

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.worker.answers.put((json.loads(body or b"null"), time.monotonic()))
        self.answer(202, b"{}", {})

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass
