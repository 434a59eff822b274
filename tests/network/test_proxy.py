"""The proxy on loopback."""

import json
import socket
import subprocess
import sys
import unittest
from pathlib import Path


def bound():
    """A UDP socket that waits no longer than a second."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(1)
    return made


class OfProxy(unittest.TestCase):
    """What connections of one page see of each other."""

    def setUp(self):
        self.relay = bound()
        command = [sys.executable, str(Path(__file__).with_name("proxy.py")), "1"]
        self.proxy = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.near = ("127.0.0.1", self.told({"to": self.relay.getsockname()})["port"])

    def tearDown(self):
        self.proxy.stdin.close()
        self.proxy.stdout.close()
        self.proxy.wait()
        self.relay.close()

    def told(self, weather):
        """Tells the proxy something. Returns its answer."""
        self.proxy.stdin.write(json.dumps(weather) + "\n")
        self.proxy.stdin.flush()
        return json.loads(self.proxy.stdout.readline())

    def test_answers_reach_the_connection_that_they_are_for(self):
        """The relay tells two connections of one page apart, and each hears its own answer."""
        pages = [bound(), bound()]
        addresses = []
        for number, page in enumerate(pages):
            page.sendto(b"asks %d" % number, self.near)
            packet, address = self.relay.recvfrom(100)
            self.assertEqual(packet, b"asks %d" % number)
            addresses.append(address)
        self.assertNotEqual(*addresses)
        for number, address in enumerate(addresses):
            self.relay.sendto(b"answer %d" % number, address)
        for number, page in enumerate(pages):
            self.assertEqual(page.recv(100), b"answer %d" % number)
            page.close()


if __name__ == "__main__":
    unittest.main()
