"""A translator of addresses that can give the sockets behind it other ports."""

import struct

UDP = 17
#: Where the header of IPv4 has its protocol, and its sender (RFC 791 section 3.1).
PROTOCOL = 9


class Translator:
    """Rewrites the ports of UDP packets that leave, and of answers to them."""

    def __init__(self):
        self._shift = 0

    def rebind(self):
        """From here on every socket has another port outside; the earlier ones lead nowhere."""
        self._shift = self._shift % 7 + 1

    def leaving(self, packet):
        """A packet as it is seen outside."""
        return self._with_port(packet, 0, self._shift)

    def returning(self, packet):
        """A packet for a port outside, as its socket sees it."""
        return self._with_port(packet, 2, -self._shift)

    def _with_port(self, packet, offset, shift):
        if shift == 0 or not is_udp(packet):
            return packet
        at = (packet[0] & 15) * 4 + offset
        (port,) = struct.unpack_from("!H", packet, at)
        # The upper half of the ephemeral ports, turned round by some thousand.
        turned = 32768 + (port - 32768 + shift * 3989) % 32768 if port >= 32768 else port
        changed = bytearray(packet)
        struct.pack_into("!H", changed, at, turned)
        # Without a checksum, which UDP over IPv4 may leave out (RFC 768).
        struct.pack_into("!H", changed, at - offset + 6, 0)
        return bytes(changed)


def is_udp(packet):
    """Whether an IPv4 packet is whole UDP."""
    return len(packet) >= 28 and packet[0] >> 4 == 4 and packet[PROTOCOL] == UDP
