"""A bad network between this machine and a network namespace.

    shaper.py NAMESPACE HERE THERE SEED

Makes two TUN devices, one here and one in the namespace, with the addresses HERE and THERE, and
carries packets between them. Reads lines of JSON: `{"up": {...}}` and `{"down": {...}}` change the
weather from and to the namespace (see `link.Weather`), `{"rebind": true}` gives its sockets other
ports outside. Answers each line with what
became of packets since the last one. Ends when its
input ends; the devices go with it. Needs the right to make devices.
"""

import fcntl
import heapq
import json
import os
import selectors
import struct
import subprocess
import sys
import time

from link import Link
from translator import Translator, is_udp

#: Linux, if_tun.h.
TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
MTU = 1500
#: Most packets on their way in one direction. A program that sends more has no bad network.
WAITING_MAX = 20_000


class Shaper:
    """Two devices, and the packets between them."""

    def __init__(self, here, there, seed):
        self.up = Link(f"{seed}-up")
        self.down = Link(f"{seed}-down")
        self._here = here
        self._there = there
        self._translator = Translator()
        self._waiting = []
        self._count = 0

    def take(self, from_there):
        """Reads what one device has."""
        source = self._there if from_there else self._here
        link = self.up if from_there else self.down
        while True:
            try:
                packet = os.read(source, 65536)
            except BlockingIOError:
                return
            now = time.monotonic()
            if from_there:
                packet = self._translator.leaving(packet)
            for at in link.arrivals(now, len(packet), is_udp(packet)):
                if len(self._waiting) < WAITING_MAX:
                    self._count += 1
                    heapq.heappush(self._waiting, (at, self._count, from_there, packet))

    def deliver(self):
        """Writes what is due. Returns the seconds until the next packet is."""
        while self._waiting:
            at, _, from_there, packet = self._waiting[0]
            wait = at - time.monotonic()
            if wait > 0:
                return wait
            heapq.heappop(self._waiting)
            if not from_there:
                packet = self._translator.returning(packet)
            try:
                os.write(self._here if from_there else self._there, packet)
            except OSError:
                # The device's queue is full, or it has no address just now: packets are lost.
                pass
        return None

    def obey(self, line):
        """Does what a line says. Returns the answer."""
        told = json.loads(line)
        for name, link in (("up", self.up), ("down", self.down)):
            if name in told:
                link.weather = type(link.weather)().changed(told[name])
        if told.get("rebind"):
            self._translator.rebind()
        return {"up": self.up.told(), "down": self.down.told()}


def device(name):
    """Makes a TUN device that ends with its descriptor."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI)
    fcntl.ioctl(descriptor, TUNSETIFF, request)
    return descriptor


def lay(namespace, here, there):
    """Makes both devices and gives them their addresses. Returns their descriptors."""
    number = os.getpid() % 10_000
    names = f"slh{number}", f"slt{number}"
    descriptors = tuple(device(name) for name in names)
    inside = ["ip", "netns", "exec", namespace]
    for command in (
        ["ip", "link", "set", names[1], "netns", namespace],
        ["ip", "addr", "add", here, "peer", there, "dev", names[0]],
        ["ip", "link", "set", names[0], "mtu", str(MTU), "up"],
        [*inside, "ip", "addr", "add", there, "peer", here, "dev", names[1]],
        [*inside, "ip", "link", "set", names[1], "mtu", str(MTU), "up"],
        [*inside, "ip", "route", "add", "default", "via", here, "dev", names[1]],
    ):
        subprocess.run(command, check=True)
    return descriptors


def main(namespace, here, there, seed):
    """Shapes until the input ends."""
    own, other = lay(namespace, here, there)
    shaper = Shaper(own, other, seed)
    selector = selectors.DefaultSelector()
    selector.register(own, selectors.EVENT_READ, False)
    selector.register(other, selectors.EVENT_READ, True)
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    print(json.dumps({"ready": True}), flush=True)
    while True:
        for key, _ in selector.select(shaper.deliver()):
            if key.data is not None:
                shaper.take(from_there=key.data)
                continue
            line = sys.stdin.readline()
            if line == "":
                return
            print(json.dumps(shaper.obey(line)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
