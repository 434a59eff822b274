"""A customer that is no page: aiortc and the protocol as wire/README.md describes it.

    python customer.py LINK VIDEO SOUND

Joins by the link of a text message, sends both files in a loop, and prints a line of JSON for
everything that a story waits for: `joined`, `media` (the state of the connection), `colours` (of
four vertical strips of the agent's picture), `hz` and `loudness` (of the agent's sound).
"""

import asyncio
import json
import math
import secrets
import sys
import urllib.request
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit

import av
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.contrib.media import MediaPlayer
from websockets.asyncio.client import connect

STRIPS = 4
# The sound is measured in pieces of this length.
LISTEN_S = 1
# Every third sample is enough for tones below 2 kHz.
EVERY = 3


class Pictures(VideoStreamTrack):
    """The pictures of a file, over and over. The loop of a `MediaPlayer` begins its timestamps
    afresh with every turn and does not wait any more, so that a browser may show nothing new."""

    def __init__(self, path):
        super().__init__()
        with av.open(path) as file:
            self.frames = list(file.decode(video=0))
        self.sent = 0

    async def recv(self):
        frame = self.frames[self.sent // 2 % len(self.frames)]
        self.sent += 1
        frame.pts, frame.time_base = await self.next_timestamp()
        return frame


def tell(**what):
    print(json.dumps(what), flush=True)


def enter(origin, secret):
    """Exchanges the link's secret for the seat. Returns the session and the cookie."""
    body = json.dumps({"secret": secret}).encode()
    headers = {"content-type": "application/json", "origin": origin}
    request = urllib.request.Request(f"{origin}/api/enter", body, headers)
    with urllib.request.urlopen(request) as answer:
        cookie = answer.headers["set-cookie"].split(";")[0]
        return json.load(answer)["session"], cookie


class Page:
    """The messages of one page over its socket."""

    def __init__(self, socket, session):
        self.socket, self.session, self.commands = socket, session, 0
        self.id = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")

    async def say(self, topic, kind, **more):
        message = {"session": self.session, "page": self.id, "topic": topic, "type": kind, **more}
        await self.socket.send(json.dumps(message))

    async def hear(self, kind):
        """Returns the next message of this type and skips others."""
        while True:
            message = json.loads(await self.socket.recv())
            if message["type"] in ("refused", "unacceptable", "no_relay"):
                raise RuntimeError(f"waiting for {kind}: {message}")
            if message["type"] == kind:
                return message

    async def command(self, kind, **more):
        self.commands += 1
        await self.say("session", kind, n=self.commands, **more)
        done = await self.hear("done")
        if "refused" in done:
            raise RuntimeError(f"{kind}: {done}")


async def offered(page, connection):
    """One offer, one answer."""
    await connection.setLocalDescription(await connection.createOffer())
    await page.say("signaling", "offer", attempt=1, sdp=connection.localDescription.sdp)
    answer = await page.hear("answer")
    await connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))


async def look(track):
    """Tells the colours of the agent's picture."""
    while True:
        frame = (await track.recv()).reformat(width=STRIPS * 10, height=20, format="rgb24")
        [plane] = frame.planes
        row = bytes(plane)[4 * plane.line_size :]
        middles = [row[(at * 10 + 5) * 3 :][:3] for at in range(STRIPS)]
        tell(colours=[list(rgb) for rgb in middles])


async def listen(track):
    """Tells the loudest tone of each second of the agent's sound."""
    samples, rate = [], 0
    while True:
        frame = await track.recv()
        rate = frame.sample_rate // EVERY
        channels = len(frame.layout.channels)
        values = memoryview(bytes(frame.planes[0])).cast("h")[: frame.samples * channels]
        samples.extend(values[:: channels * EVERY])
        if len(samples) >= rate * LISTEN_S:
            hz, loudness = max(((hz, strength(samples, hz / rate)) for hz in range(100, 2000, 20)), key=lambda of: of[1])
            tell(hz=hz, loudness=loudness)
            samples.clear()


def strength(samples, turns):
    """Goertzel's algorithm: the amplitude of one frequency, from 0 to 1."""
    factor = 2 * math.cos(2 * math.pi * turns)
    one = two = 0.0
    for sample in samples:
        one, two = sample + factor * one - two, one
    return 2 * math.sqrt(max(0, one * one + two * two - factor * one * two)) / len(samples) / 32_768


async def main(link, video, sound):
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(link))
    session, cookie = enter(origin, urlsplit(link).fragment)
    connection = RTCPeerConnection()
    connection.createDataChannel("live", ordered=False, maxRetransmits=0)
    connection.createDataChannel("sure")
    connection.addTrack(MediaPlayer(sound, loop=True).audio)
    connection.addTrack(Pictures(video))
    tasks = []
    connection.on("track", lambda track: tasks.append(asyncio.create_task({"video": look, "audio": listen}[track.kind](track))))
    connection.on("connectionstatechange", lambda: tell(media=connection.connectionState))
    headers = {"Cookie": cookie}
    socket = f"ws{origin.removeprefix('http')}/ws"
    async with connect(socket, origin=origin, subprotocols=["sightline.1"], additional_headers=headers) as socket:
        page = Page(socket, session)
        await page.say("session", "attach", seat="customer")
        await page.hear("attached")
        await page.command("join", name="Ada", video_only=False, microphone=True, camera=True, take=False)
        tell(joined=True)
        await offered(page, connection)
        async for _ in socket:
            pass


asyncio.run(main(*sys.argv[1:]))
