// What each codec makes of the same clip on the same thin link, and what it costs:
//
//     node tests/network/codecs.mjs
//
// Two connections of one page, without a relay. A picture is compared, at half its size, with each
// picture of the clip; the likest counts. More decibels are better; encoding time is per picture.

import { once } from "node:events";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { makeMedia } from "./clip.mjs";

const CODECS = ["VP8", "VP9", "H264"];
const LINKS = [
	{ lines: 270, fps: 10, kbit: 110 },
	{ lines: 360, fps: 15, kbit: 180 },
	{ lines: 540, fps: 15, kbit: 300 },
	{ lines: 720, fps: 30, kbit: 800 },
];
const WARM_MS = 6_000;
const WATCHED_MS = 8_000;

/** Runs in the page. */
async function measure({ codec, lines, fps, kbit, warm_ms, watched_ms }) {
	const pause = (ms) => new Promise((done) => setTimeout(done, ms));
	const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720, frameRate: 30 } });
	const [track] = stream.getVideoTracks();
	const show = async (from) => {
		const video = Object.assign(document.createElement("video"), { muted: true, srcObject: from });
		await video.play();
		return video;
	};
	const wide = Math.round((lines * 16) / 18 / 2) * 2;
	const canvas = Object.assign(document.createElement("canvas"), { width: wide, height: lines / 2 });
	const brush = canvas.getContext("2d", { willReadFrequently: true });
	const luma = (video) => {
		brush.drawImage(video, 0, 0, canvas.width, canvas.height);
		const { data } = brush.getImageData(0, 0, canvas.width, canvas.height);
		return Float32Array.from({ length: data.length / 4 }, (_, at) => {
			const [red, green, blue] = data.subarray(at * 4, at * 4 + 3);
			return 0.299 * red + 0.587 * green + 0.114 * blue;
		});
	};
	const next = (video) => new Promise((done) => video.requestVideoFrameCallback(done));
	const own = await show(stream);
	const clip = [];
	for (let frame = 0; frame < 90; frame += 1) {
		await next(own);
		clip.push(luma(own));
	}
	const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
	here.onicecandidate = ({ candidate }) => there.addIceCandidate(candidate);
	there.onicecandidate = ({ candidate }) => here.addIceCandidate(candidate);
	const arrived = new Promise((done) => (there.ontrack = ({ track: of }) => done(new MediaStream([of]))));
	const way = here.addTransceiver(track, { direction: "sendonly" });
	const known = RTCRtpSender.getCapabilities("video").codecs;
	const wanted = known.filter(({ mimeType, sdpFmtpLine = "" }) => {
		if (mimeType.toLowerCase() !== `video/${codec.toLowerCase()}`) return false;
		return codec === "VP9" ? /profile-id=0/.test(sdpFmtpLine) : codec !== "H264" || /=42e01f/.test(sdpFmtpLine);
	});
	if (wanted.length === 0) return null;
	way.setCodecPreferences(wanted);
	await here.setLocalDescription();
	await there.setRemoteDescription(here.localDescription);
	await there.setLocalDescription();
	await here.setRemoteDescription(there.localDescription);
	const parameters = way.sender.getParameters();
	Object.assign(parameters.encodings[0], {
		scaleResolutionDownBy: 720 / lines,
		maxFramerate: fps,
		maxBitrate: kbit * 1000,
	});
	parameters.degradationPreference = "maintain-resolution";
	await way.sender.setParameters(parameters);
	const seen = await show(await arrived);
	await pause(warm_ms);
	const sent = async () => [...(await here.getStats()).values()].find(({ type }) => type === "outbound-rtp");
	const before = await sent();
	const ends = performance.now() + watched_ms;
	const likeness = [];
	while (performance.now() < ends) {
		await next(seen);
		const got = luma(seen);
		const errors = clip.map((one) => one.reduce((sum, value, at) => sum + (value - got[at]) ** 2, 0) / got.length);
		likeness.push(10 * Math.log10(255 ** 2 / Math.min(...errors)));
		await pause(300);
	}
	const after = await sent();
	here.close();
	there.close();
	track.stop();
	const seconds = (after.timestamp - before.timestamp) / 1000;
	const frames = after.framesEncoded - before.framesEncoded;
	return {
		db: likeness.reduce((sum, one) => sum + one, 0) / likeness.length,
		fps: frames / seconds,
		kbit: ((after.bytesSent - before.bytesSent) * 8) / seconds / 1000,
		encode_ms: (1000 * (after.totalEncodeTime - before.totalEncodeTime)) / frames,
	};
}

// A camera needs a page of an origin.
const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("")).listen(
	0,
	"127.0.0.1",
);
await once(server, "listening");
const origin = `http://127.0.0.1:${server.address().port}/`;
const folder = makeMedia();
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: [
		"--use-fake-ui-for-media-stream",
		"--use-fake-device-for-media-stream",
		`--use-file-for-fake-video-capture=${folder}/clip.y4m`,
	],
});
console.log("| picture | link kbit/s | codec | likeness dB | frames/s | kbit/s | encoding ms |");
console.log("|---|--:|---|--:|--:|--:|--:|");
for (const { lines, fps, kbit } of LINKS) {
	for (const codec of CODECS) {
		const page = await browser.newPage();
		await page.goto(origin);
		const told = { codec, lines, fps, kbit, warm_ms: WARM_MS, watched_ms: WATCHED_MS };
		const got = await page.evaluate(measure, told);
		await page.close();
		const words = got === null ? ["not here", "", "", ""] : [got.db, got.fps, got.kbit, got.encode_ms];
		const cells = words.map((one) => (typeof one === "number" ? one.toFixed(1) : one));
		console.log(`| ${[`${lines} lines at ${fps}`, kbit, codec, ...cells].join(" | ")} |`);
	}
}
await browser.close();
server.close();
