import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Leg, type LegEvents } from "../src/link/media/leg";
import { Peer } from "../src/link/media/peer";
import { FakeLeg, FakeStream } from "./fakes";

const HEARS: LegEvents = { beat: () => undefined, text: () => undefined, changed: () => undefined };

/** The codecs of a kind that a browser with these offers, in their order. */
function offered(codecs: string[], thin: boolean): Record<string, string[]> {
	const preferred: Record<string, string[]> = {};
	const known = (kind: string) => codecs.filter((type) => type.startsWith(kind)).map((mimeType) => ({ mimeType }));
	vi.stubGlobal("RTCRtpReceiver", { getCapabilities: (kind: string) => ({ codecs: known(kind) }) });
	const connection = {
		addTransceiver: (kind: string) => ({
			setCodecPreferences: (chosen: RTCRtpCodec[]) => {
				preferred[kind] = chosen.map(({ mimeType }) => mimeType);
			},
		}),
		createDataChannel: () => ({}),
	};
	new Leg(connection as unknown as RTCPeerConnection, HEARS, thin);
	return preferred;
}

afterEach(() => {
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

test("RED is offered before Opus, and left out on a thin link and where the browser knows none", () => {
	const chromium = ["audio/opus", "audio/red", "audio/G722", "video/VP8", "video/rtx", "video/red"];
	expect(offered(chromium, false)).toEqual({ audio: ["audio/red", "audio/opus"], video: ["video/VP8", "video/rtx"] });
	expect(offered(chromium, true).audio).toEqual(["audio/opus"]);
	expect(offered(["audio/opus", "audio/PCMU"], false).audio).toEqual(["audio/opus"]);
});

let made: FakeLeg[];
let peer: Peer;
const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
	vi.stubGlobal("MediaStream", FakeStream);
	made = [];
	peer = new Peer({
		makeLeg(hears, thin) {
			const leg = new FakeLeg(hears, thin);
			made.push(leg);
			return leg as unknown as Leg;
		},
		say: () => true,
		probe: () => undefined,
		clock: () => performance.now(),
		random: () => 0.5,
		attempted: () => undefined,
	});
});

/** Whether the leg after one with these rates is built for a thin link. */
async function nextIsThin({ down_bps, up_bps }: { down_bps?: number; up_bps?: number }): Promise<boolean | undefined> {
	peer.start(0);
	await tick(0);
	peer.heard({ type: "answer", attempt: 1, sdp: "answer", relay: "one" });
	await tick(0);
	const [first] = made;
	expect(first?.thin, "nothing is known of a link at first").toBe(false);
	peer.up_bps = up_bps ?? null;
	first?.becomes("connected");
	for (let half = 0; half < 6; half += 1) {
		first?.beat(down_bps === undefined ? {} : { down_bps });
		await tick(500);
	}
	first?.becomes("failed");
	await tick(1_000);
	peer.stop();
	expect(made).toHaveLength(2);
	return made[1]?.thin;
}

test.each([
	{ rates: { down_bps: 249_000 }, thin: true },
	{ rates: { down_bps: 251_000 }, thin: false },
	{ rates: { down_bps: 2_000_000, up_bps: 120_000 }, thin: true },
	{ rates: { down_bps: 2_000_000, up_bps: 900_000 }, thin: false },
	{ rates: {}, thin: false },
])("after a leg with $rates the next one is thin: $thin", async ({ rates, thin }) => {
	expect(await nextIsThin(rates)).toBe(thin);
});
