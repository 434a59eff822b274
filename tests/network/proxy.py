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
#: Most senders that are kept apart; a page opens a connection or two at a time.
SENDERS_MAX = 64
#: Of each packet the link carries its headers of IPv4 and UDP, too.
HEADERS = 28


class Proxy:
    """A page takes the socket `near` for the relay. The relay sees a socket for each sender, as behind a
    router: a page that connects again has two connections for a moment, which it must tell apart."""

    def __init__(self, seed, selector):
        self.up = Link(f"{seed}-up")
        self.down = Link(f"{seed}-down")
        self.near = bound()
        self._selector = selector
        self._far = {}
        self._to = None
        self._waiting = []
        self._count = 0
        selector.register(self.near, selectors.EVENT_READ, self.take_up)

    def take_up(self):
        """Reads what came from the page."""
        for packet, sender in read(self.near):
            far = self._far_of(sender)
            if far is not None and self._to is not None:
                self._send(self.up, far, self._to, packet)

    def _take_down(self, far, page):
        """Reads what came from the relay for one sender."""
        for packet, sender in read(far):
            if sender == self._to:
                self._send(self.down, self.near, page, packet)

    def _far_of(self, page):
        if page not in self._far and len(self._far) < SENDERS_MAX:
            far = self._far[page] = bound()
            self._selector.register(far, selectors.EVENT_READ, lambda: self._take_down(far, page))
        return self._far.get(page)

    def _send(self, link, out, to, packet):
        for at in link.arrivals(time.monotonic(), len(packet) + HEADERS, True):
            if len(self._waiting) < WAITING_MAX:
                self._count += 1
                heapq.heappush(self._waiting, (at, self._count, out, to, packet))

    def deliver(self):
        """Sends what is due. Returns the seconds until the next packet is."""
        while self._waiting:
            at, _, out, to, packet = self._waiting[0]
            wait = at - time.monotonic()
            if wait > 0:
                return wait
            heapq.heappop(self._waiting)
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


def read(source):
    """The packets that have come, each with its sender."""
    while True:
        try:
            yield source.recvfrom(65536)
        except BlockingIOError:
            return


def main(seed):
    """Passes on until the input ends."""
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    proxy = Proxy(seed, selector)
    while True:
        for key, _ in selector.select(proxy.deliver()):
            if key.data is not None:
                key.data()
                continue
            line = sys.stdin.readline()
            if line == "":
                return
            print(json.dumps(proxy.obey(line)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
