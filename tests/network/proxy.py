"""A bad network on loopback, for machines on which no network namespace can be made.

    proxy.py SEED

Passes UDP on between the program that sends to its port and the address that a line of JSON names:
`{"to": ["127.0.0.1", 3478]}`. Lines `{"up": {...}}` and `{"down": {...}}` change the weather as those
of `shaper.py` do. Answers each line; the answer has the proxy's own `port`. Ends when its input ends.
"""

import heapq
import json
import selectors
import socket
import sys
import time

from link import Link

#: Most packets on their way.
WAITING_MAX = 20_000
#: Of each packet the link carries its headers of IPv4 and UDP, too.
HEADERS = 28


class Proxy:
    """Two sockets: `near` is what a page takes for the relay, `far` what the relay takes for a page."""

    def __init__(self, seed):
        self.up = Link(f"{seed}-up")
        self.down = Link(f"{seed}-down")
        self.near = bound()
        self.far = bound()
        self._to = None
        self._page = None
        self._waiting = []
        self._count = 0

    def take(self, from_page):
        """Reads what one socket has."""
        source = self.near if from_page else self.far
        link = self.up if from_page else self.down
        while True:
            try:
                packet, sender = source.recvfrom(65536)
            except BlockingIOError:
                return
            if from_page:
                self._page = sender
            elif sender != self._to:
                continue
            for at in link.arrivals(time.monotonic(), len(packet) + HEADERS, True):
                if len(self._waiting) < WAITING_MAX:
                    self._count += 1
                    heapq.heappush(self._waiting, (at, self._count, from_page, packet))

    def deliver(self):
        """Sends what is due. Returns the seconds until the next packet is."""
        while self._waiting:
            at, _, from_page, packet = self._waiting[0]
            wait = at - time.monotonic()
            if wait > 0:
                return wait
            heapq.heappop(self._waiting)
            out, to = (self.far, self._to) if from_page else (self.near, self._page)
            if to is None:
                continue
            try:
                out.sendto(packet, to)
            except OSError:
                # The buffer is full, or nobody listens any more: the packet is lost.
                pass
        return None

    def obey(self, line):
        """Does what a line says. Returns the answer."""
        told = json.loads(line)
        if "to" in told:
            self._to = tuple(told["to"])
        for name, link in (("up", self.up), ("down", self.down)):
            if name in told:
                link.weather = type(link.weather)().changed(told[name])
        port = self.near.getsockname()[1]
        return {"up": self.up.told(), "down": self.down.told(), "port": port}


def bound():
    """A UDP socket on loopback."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.setblocking(False)
    return made


def main(seed):
    """Passes on until the input ends."""
    proxy = Proxy(seed)
    selector = selectors.DefaultSelector()
    selector.register(proxy.near, selectors.EVENT_READ, True)
    selector.register(proxy.far, selectors.EVENT_READ, False)
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select(proxy.deliver()):
            if key.data is not None:
                proxy.take(from_page=key.data)
                continue
            line = sys.stdin.readline()
            if line == "":
                return
            print(json.dumps(proxy.obey(line)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
