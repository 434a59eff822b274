import { expect, test } from "vitest";
import type { DeviceTrouble } from "../src/link/call";
import { cameraTries, microphoneTries, pictureSize } from "../src/link/media/constraints";
import { nextRung, troubleAfter } from "../src/link/media/ladder";

const size = pictureSize("customer");
const requests = cameraTries("environment", null, size);
const times = (n: number, why: DeviceTrouble): DeviceTrouble[] => Array(n).fill(why);

/** All requests of a device that fails like this, and the time that is waited in all. */
function climbed(fails: (request: MediaStreamConstraints) => DeviceTrouble | null, of = requests) {
	const failures: DeviceTrouble[] = [];
	let waited_ms = 0;
	for (let n = 1; ; n += 1) {
		const rung = nextRung(of, failures);
		if (rung === null) return { granted: null, n: n - 1, waited_ms };
		waited_ms += rung.wait_ms;
		const why = fails(rung.constraints);
		if (why === null) return { granted: rung.constraints, n, waited_ms };
		failures.push(why);
	}
}

const widthOf = ({ video }: MediaStreamConstraints): number =>
	typeof video === "object" ? ((video.width as { ideal: number } | undefined)?.ideal ?? 0) : 0;

test("a camera that was refused because it was just stopped is requested in the same way after a pause", () => {
	expect(nextRung(requests, ["busy"])).toEqual({ wait_ms: 600, constraints: requests[0] });
});

test.each([[1280], [800], [640]])("a camera that gives %i pixels at most gives them after a few tries", (most) => {
	const { granted, n, waited_ms } = climbed((request) => (widthOf(request) > most ? "busy" : null));
	expect(widthOf(granted ?? {})).toBeLessThanOrEqual(most);
	expect(n).toBe(most >= 1280 ? 3 : 4);
	expect(waited_ms).toBeLessThan(1_500);
	expect(granted?.video).toMatchObject({ facingMode: { exact: "environment" } });
});

test("what works without any wish only is found last", () => {
	const { granted } = climbed((request) => (request.video === true ? null : "busy"));
	expect(granted).toEqual({ video: true });
});

test("a busy device is given up within 3 s, one that is denied at once", () => {
	const { granted, waited_ms } = climbed(() => "busy");
	expect(granted).toBeNull();
	expect(waited_ms).toBeLessThan(2_500);
	for (const why of ["denied", "unsupported", "no_answer"] as const) expect(nextRung(requests, [why])).toBeNull();
	expect(nextRung(requests, ["absent", "busy", "denied"])).toBeNull();
});

test("absent devices lead on to the next request, and through the list once more when nothing is there", () => {
	const { granted, n } = climbed(() => "absent");
	expect([granted, n]).toEqual([null, 2 * requests.length]);
	expect(nextRung(requests, times(requests.length, "absent"))).toEqual({ wait_ms: 600, constraints: requests[0] });
	expect(nextRung(requests, ["absent"])).toEqual({ wait_ms: 0, constraints: requests[1] });
	expect(nextRung([], [])).toBeNull();
});

test("every mixture of failures ends within 3 s", () => {
	for (let mixture = 0; mixture < 2 ** 12; mixture += 1) {
		let at = 0;
		const { n, waited_ms } = climbed(() => ((mixture >> at++) & 1 ? "busy" : "absent"));
		expect(n).toBeLessThan(14);
		expect(waited_ms).toBeLessThan(3_000);
	}
});

test("a microphone keeps its wishes, and is requested without any in the end", () => {
	const tries = microphoneTries("headset");
	expect(climbed((request) => (request.audio === true ? null : "busy"), tries).granted).toEqual({ audio: true });
	expect(nextRung(tries, times(2, "busy"))?.constraints).toEqual(tries[0]);
});

test("the trouble is the one that the person can do something about", () => {
	expect(troubleAfter(["busy", "absent"])).toBe("busy");
	expect(troubleAfter(["absent", "absent"])).toBe("absent");
	expect(troubleAfter(["busy", "denied"])).toBe("denied");
	expect(troubleAfter([])).toBe("absent");
});

test("nothing is asked of a camera that costs view, before the browser cannot give it all", () => {
	for (const seat of ["agent", "customer"] as const) {
		for (const device of [null, "id"]) {
			const tries = cameraTries("user", device, pictureSize(seat)).flatMap(({ video }) =>
				typeof video === "object" ? [video] : [],
			);
			for (const video of tries) {
				for (const wish of [video.width, video.height, video.frameRate]) {
					expect(Object.keys(wish as object)).toEqual(["ideal"]);
				}
				expect(video).not.toHaveProperty("aspectRatio");
			}
			expect(tries[0]).toMatchObject({ resizeMode: { exact: "none" } });
			expect(tries.at(-1)).not.toHaveProperty("resizeMode");
		}
	}
});
