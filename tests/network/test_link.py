"""What a link does to packets, and what a translator does to ports."""

import unittest

from link import Link, Weather
from translator import Translator


def passed(weather, count=20_000, size=1000, every=0.001):
    """The share of packets that pass, and the runs of lost ones."""
    link = Link(7, weather)
    got = [bool(link.arrivals(at * every, size)) for at in range(count)]
    runs = "".join("1" if one else "0" for one in got).split("1")
    return sum(got) / count, [len(run) for run in runs if run]


class LinkTest(unittest.TestCase):
    """Long runs, so that chance hardly moves them."""

    def test_loss_is_what_was_said(self):
        share, _ = passed(Weather(loss_percent=10))
        self.assertAlmostEqual(share, 0.9, delta=0.01)

    def test_bursts_have_their_length_and_share(self):
        share, runs = passed(Weather(burst_percent=5, burst_packets=8))
        self.assertAlmostEqual(share, 0.95, delta=0.015)
        self.assertAlmostEqual(sum(runs) / len(runs), 8, delta=1.5)

    def test_a_rate_lets_so_much_through_and_queues_no_longer_than_said(self):
        link = Link(7, Weather(rate_kbit=1000, queue_ms=250))
        # Twice what the link carries, for ten seconds.
        sent = [(at / 250, link.arrivals(at / 250, 1000)) for at in range(2500)]
        bits = sum(8000 for _, got in sent if got)
        self.assertAlmostEqual(bits / 10.25, 1_000_000, delta=20_000)
        waits = [got[0] - at for at, got in sent if got]
        self.assertLess(max(waits), 0.27)
        self.assertGreater(link.told()["waited_ms"], 230)
        self.assertEqual(link.told(), {"lost": 0, "passed": 0, "waited_ms": 0})

    def test_jitter_keeps_the_order_unless_packets_may_overtake(self):
        for overtaking in (False, True):
            link = Link(7, Weather(delay_ms=20, jitter_ms=50, overtaking=overtaking))
            at = [link.arrivals(n / 100, 1000)[0] for n in range(1000)]
            self.assertEqual(at != sorted(at), overtaking)
            delays = [one - n / 100 for n, one in enumerate(at)]
            self.assertGreaterEqual(min(delays), 0.02)
            self.assertLess(max(delays), 0.071)

    def test_a_cut_stops_all_and_a_blocked_protocol_itself(self):
        self.assertEqual(Link(7, Weather(cut=True)).arrivals(0, 100), [])
        link = Link(7, Weather(no_udp=True))
        self.assertEqual(link.arrivals(0, 100, is_udp=True), [])
        self.assertEqual(link.arrivals(0, 100), [0])

    def test_the_same_seed_has_the_same_weather(self):
        runs = [passed(Weather(loss_percent=30), count=500) for _ in range(2)]
        self.assertEqual(*runs)

    def test_a_value_that_there_is_not_is_refused(self):
        with self.assertRaisesRegex(ValueError, "a link has no loss"):
            Weather().changed({"loss": 3})


class TranslatorTest(unittest.TestCase):
    """UDP over IPv4 from port 40000 to 3478."""

    packet = bytes([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]) + bytes(
        [0x9C, 0x40, 0x0D, 0x96, 0, 8, 1, 2]
    )

    def test_a_rebound_socket_has_another_port_and_hears_answers_there(self):
        translator = Translator()
        self.assertEqual(translator.leaving(self.packet), self.packet)
        translator.rebind()
        outside = translator.leaving(self.packet)
        self.assertNotEqual(outside[20:22], self.packet[20:22])
        self.assertEqual(outside[22:24], self.packet[22:24])
        answer = outside[:20] + outside[22:24] + outside[20:22] + bytes(4)
        self.assertEqual(translator.returning(answer)[22:24], self.packet[20:22])
        translator.rebind()
        self.assertNotEqual(translator.leaving(self.packet), outside)

    def test_other_protocols_and_halves_are_left_alone(self):
        translator = Translator()
        translator.rebind()
        for packet in (b"", self.packet[:22], self.packet[:9] + b"\x06" + self.packet[10:]):
            self.assertEqual(translator.leaving(packet), packet)


if __name__ == "__main__":
    unittest.main()
