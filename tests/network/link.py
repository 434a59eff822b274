"""One direction of a network: what becomes of a packet. Pure: time and chance are arguments."""

import random
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Weather:
    """What a direction does to packets. Without values it does nothing."""

    delay_ms: float = 0.0
    #: Added to the delay, up to this much, for each packet by itself.
    jitter_ms: float = 0.0
    #: Packets that jitter lets arrive later may be overtaken. Otherwise the order is kept.
    overtaking: bool = False
    #: Packets lost, each by itself.
    loss_percent: float = 0.0
    #: Packets lost in bursts of `burst_packets` on average (a Gilbert model).
    burst_percent: float = 0.0
    burst_packets: float = 5.0
    duplicate_percent: float = 0.0
    #: Packets that come `reorder_ms` later than their turn.
    reorder_percent: float = 0.0
    reorder_ms: float = 20.0
    #: What the link carries, with a queue that holds so many milliseconds. Zero: any amount.
    rate_kbit: float = 0.0
    queue_ms: float = 250.0
    #: Nothing passes.
    cut: bool = False
    #: UDP does not pass.
    no_udp: bool = False

    def changed(self, values):
        """This weather with other values. Raises ValueError for one that there is not."""
        known = {field.name for field in fields(self)}
        unknown = set(values) - known
        if unknown:
            raise ValueError(f"a link has no {', '.join(sorted(unknown))}")
        return replace(self, **values)


class Link:
    """A direction. Times are seconds."""

    def __init__(self, seed, weather=Weather()):
        self.weather = weather
        self.lost = 0
        self.passed = 0
        #: The longest wait in the queue, in milliseconds.
        self.waited_ms = 0.0
        self._chance = random.Random(seed)
        self._free_at = 0.0
        self._last_at = 0.0
        self._in_burst = False

    def arrivals(self, now, size, is_udp=False):
        """When copies of a packet of `size` bytes arrive. None arrives if it is lost."""
        weather = self.weather
        if weather.cut or (weather.no_udp and is_udp) or self._is_lost():
            self.lost += 1
            return []
        sent_at = self._sent_at(now, size)
        if sent_at is None:
            self.lost += 1
            return []
        self.passed += 1
        at = sent_at + (weather.delay_ms + self._chance.uniform(0, weather.jitter_ms)) / 1000
        if not weather.overtaking:
            at = max(at, self._last_at)
            self._last_at = at
        if self._happens(weather.reorder_percent):
            at += weather.reorder_ms / 1000
        copies = 2 if self._happens(weather.duplicate_percent) else 1
        return [at] * copies

    def told(self):
        """What became of packets since this was asked last."""
        told = {"lost": self.lost, "passed": self.passed, "waited_ms": round(self.waited_ms)}
        self.lost, self.passed, self.waited_ms = 0, 0, 0.0
        return told

    def _sent_at(self, now, size):
        """When the packet has left the queue; None if the queue is full."""
        weather = self.weather
        if weather.rate_kbit <= 0:
            return now
        begin = max(now, self._free_at)
        if begin - now > weather.queue_ms / 1000:
            return None
        self.waited_ms = max(self.waited_ms, (begin - now) * 1000)
        self._free_at = begin + size * 8 / (weather.rate_kbit * 1000)
        return self._free_at

    def _is_lost(self):
        weather = self.weather
        if weather.burst_percent > 0:
            leave = 1 / weather.burst_packets
            enter = leave * weather.burst_percent / (100 - weather.burst_percent)
            self._in_burst = self._chance.random() < (1 - leave if self._in_burst else enter)
            if self._in_burst:
                return True
        return self._happens(weather.loss_percent)

    def _happens(self, percent):
        return percent > 0 and self._chance.random() * 100 < percent
