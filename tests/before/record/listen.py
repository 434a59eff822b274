"""Writes down what a relay and the desk say to each other: reads the loopback interface.

The desk's relay runs inside the desk and dials it over loopback, so there is no other place to
listen. Needs the right to open raw sockets. Usage: listen.py PORT FILE. Ends at SIGTERM.
"""

import json
import signal
import socket
import struct
import sys


class Stream:
    """One direction of a TCP connection, in order."""

    def __init__(self):
        self.bytes = bytearray()
        self.next = None

    def add(self, number, payload):
        if self.next is None:
            self.next = number
        if number != self.next:
            return
        self.bytes += payload
        self.next = (self.next + len(payload)) % (1 << 32)


def texts(data):
    """The text messages of a WebSocket stream (RFC 6455 section 5.2), none of them in fragments."""
    found, at = [], 0
    while at + 2 <= len(data):
        kind, length = data[at] & 0x0F, data[at + 1] & 0x7F
        masked, at = data[at + 1] & 0x80, at + 2
        if length > 125:
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        mask = bytes(4)
        if masked:
            mask, at = data[at : at + 4], at + 4
        payload, at = data[at : at + length], at + length
        if kind == 1:
            found.append(bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload)).decode())
    return found


def written(streams, port):
    """The conversations that began with a relay's token."""
    rows = []
    for (source, target), stream in streams.items():
        head, _, rest = bytes(stream.bytes).partition(b"\r\n\r\n")
        if target != port or b"bearer " not in head.lower():
            continue
        rows.append({"from": "relay", "handshake": head.decode()})
        answer, _, told = bytes(streams[port, source].bytes).partition(b"\r\n\r\n")
        rows.append({"from": "host", "handshake": answer.decode()})
        rows += [{"from": "relay", "text": text} for text in texts(rest)]
        rows += [{"from": "host", "text": text} for text in texts(told)]
    return rows


def listen(port, streams):
    """Takes in every segment of this port; a packet on loopback is seen twice and counts once."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    raw.bind(("lo", 0))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 26)
    print("listening", flush=True)
    while True:
        packet = raw.recv(1 << 17)[14:]
        if packet[9] != socket.IPPROTO_TCP:
            continue
        segment = packet[(packet[0] & 0x0F) * 4 : int.from_bytes(packet[2:4], "big")]
        source, target, number = struct.unpack("!HHI", segment[:8])
        payload = segment[(segment[12] >> 4) * 4 :]
        if port in (source, target) and payload:
            streams.setdefault((source, target), Stream()).add(number, payload)


def main():
    port, path = int(sys.argv[1]), sys.argv[2]
    streams = {}

    def end(*_):
        with open(path, "w", encoding="utf-8") as file:
            for row in written(streams, port):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    listen(port, streams)


main()
