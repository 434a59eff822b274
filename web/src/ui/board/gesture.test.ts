import { expect, test } from "vitest";
import { type Contact, Gesture } from "./gesture";

function world() {
	const did: string[] = [];
	const gesture = new Gesture({
		begin: ({ x, y }, pressure) => did.push(`begin ${x},${y}${pressure === null ? "" : ` ${pressure}`}`),
		add: (trail) => did.push(`add ${trail.length}`),
		finish: () => did.push("finish"),
		drop: () => did.push("drop"),
		tap: ({ x, y }) => did.push(`tap ${x},${y}`),
		doubleTap: () => did.push("double"),
		show: () => did.push("show"),
		takeBack: () => did.push("take back"),
		pan: ({ x, y }) => did.push(`pan ${x},${y}`),
		pinch: ([a, b], [c, d]) => did.push(`pinch ${a.x}-${b.x} ${c.x}-${d.x}`),
	});
	return { gesture, done: () => did.splice(0) };
}

function contact(id: number, x: number, y: number, time_ms: number, kind: Contact["kind"] = "touch"): Contact {
	const at = { x, y };
	return { id, kind, at, trail: [at], pressure: kind === "pen" ? [0.5] : null, time_ms };
}

test("one finger draws from its first touch on", () => {
	const { gesture, done } = world();
	expect(gesture.down(contact(1, 10, 10, 0), false)).toBe(true);
	gesture.move(contact(1, 30, 10, 20));
	gesture.up(contact(1, 30, 10, 40));
	expect(done()).toEqual(["begin 10,10", "add 1", "finish"]);
});

test("a flick without a move event is a stroke", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 10, 10, 0), false);
	gesture.up(contact(1, 60, 10, 12));
	expect(done()).toEqual(["begin 10,10", "add 1", "finish"]);
	gesture.down(contact(1, 10, 10, 1_000), false);
	gesture.up(contact(1, 12, 10, 1_040));
	expect(done()).toEqual(["begin 10,10", "tap 12,10"]);
});

test("a second finger within a moment drops the stroke and zooms", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 10, 10, 0), false);
	gesture.move(contact(1, 30, 10, 50));
	gesture.down(contact(2, 100, 10, 499), false);
	gesture.move(contact(2, 120, 10, 510));
	expect(done()).toEqual(["begin 10,10", "add 1", "drop", "pinch 100-30 120-30"]);
});

test("a second finger after a moment finishes what was drawn, unless the first never moved", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 10, 10, 0), false);
	gesture.move(contact(1, 30, 10, 50));
	gesture.down(contact(2, 100, 10, 500), false);
	expect(done()).toEqual(["begin 10,10", "add 1", "finish"]);
	gesture.up(contact(1, 30, 10, 510));
	gesture.up(contact(2, 100, 10, 510));
	gesture.down(contact(1, 10, 10, 1_000), false);
	gesture.move(contact(1, 17, 10, 1_100));
	gesture.down(contact(2, 100, 10, 1_900), false);
	expect(done()).toEqual(["begin 10,10", "add 1", "drop"]);
});

test("the finger that stays after zooming pans, and draws nothing until all are lifted", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 10, 10, 0), false);
	gesture.down(contact(2, 100, 10, 10), false);
	gesture.up(contact(1, 10, 10, 20));
	gesture.move(contact(2, 105, 12, 30));
	gesture.up(contact(2, 105, 12, 40));
	gesture.down(contact(3, 50, 50, 1_000), false);
	expect(done()).toEqual(["begin 10,10", "drop", "pan 5,2", "begin 50,50"]);
});

test("a third finger changes nothing", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 10, 10, 0), false);
	gesture.down(contact(2, 100, 10, 10), false);
	expect(gesture.down(contact(3, 50, 50, 20), false)).toBe(false);
	gesture.move(contact(3, 60, 60, 30));
	expect(done()).toEqual(["begin 10,10", "drop"]);
});

test("when the system takes the pointer, what had become a stroke stays and what had not goes", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 10, 10, 0), false);
	gesture.move(contact(1, 30, 10, 20));
	gesture.cancel(1);
	gesture.cancel(1);
	gesture.down(contact(2, 10, 10, 100), false);
	gesture.cancel(2);
	expect(done()).toEqual(["begin 10,10", "add 1", "finish", "begin 10,10", "drop"]);
});

test("two taps at one place are a double tap, at two places they are two", () => {
	const { gesture, done } = world();
	const tap = (x: number, time_ms: number): void => {
		gesture.down(contact(1, x, 10, time_ms), false);
		gesture.up(contact(1, x, 10, time_ms + 20));
	};
	tap(10, 0);
	tap(20, 200);
	tap(20, 1_000);
	tap(80, 1_200);
	tap(80, 1_600);
	expect(done().filter((one) => !one.startsWith("begin"))).toEqual([
		"tap 10,10",
		"double",
		"tap 20,10",
		"tap 80,10",
		"tap 80,10",
	]);
});

test("the hand that holds the pen draws nothing", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 200, 200, 0), false);
	gesture.down(contact(2, 10, 10, 50, "pen"), false);
	expect(gesture.down(contact(3, 210, 210, 60), false)).toBe(false);
	gesture.move(contact(2, 30, 10, 70, "pen"));
	gesture.up(contact(2, 30, 10, 80, "pen"));
	gesture.down(contact(4, 210, 210, 300), false);
	gesture.move(contact(4, 214, 210, 700));
	gesture.down(contact(2, 10, 10, 720, "pen"), false);
	gesture.move(contact(4, 290, 210, 740));
	gesture.move(contact(2, 30, 10, 760, "pen"));
	gesture.up(contact(2, 30, 10, 780, "pen"));
	gesture.up(contact(4, 290, 210, 900));
	gesture.down(contact(5, 210, 210, 60_000), false);
	gesture.move(contact(5, 260, 210, 60_400));
	gesture.up(contact(5, 260, 210, 60_600));
	const stroke = ["begin 10,10 0.5", "add 1", "finish"];
	expect(done()).toEqual(["begin 200,200", "drop", ...stroke, ...stroke, "pan 50,0"]);
});

test("what the hand drew before its pen came down is taken back, however long it lay there", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 200, 200, 0), false);
	gesture.move(contact(1, 240, 200, 900));
	gesture.down(contact(2, 10, 10, 1_500, "pen"), false);
	expect(done()).toEqual(["begin 200,200", "add 1", "drop", "begin 10,10 0.5"]);

	const lifted = world();
	lifted.gesture.down(contact(1, 200, 200, 0), false);
	lifted.gesture.move(contact(1, 240, 200, 200));
	lifted.gesture.up(contact(1, 240, 200, 300));
	lifted.gesture.move(contact(2, 10, 10, 1_200, "pen"));
	lifted.gesture.move(contact(2, 12, 10, 1_250, "pen"));
	expect(lifted.done()).toEqual(["begin 200,200", "add 1", "finish", "take back"]);
});

test("a finger that drew a moment before the first pen keeps its stroke", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 200, 200, 0), false);
	gesture.move(contact(1, 240, 200, 100));
	gesture.up(contact(1, 240, 200, 200));
	gesture.down(contact(2, 10, 10, 1_300, "pen"), false);
	expect(done()).toEqual(["begin 200,200", "add 1", "finish", "begin 10,10 0.5"]);
});

test("beside a pen, two fingers zoom and two taps show the whole picture", () => {
	const { gesture, done } = world();
	gesture.move(contact(9, 50, 50, 0, "pen"));
	gesture.down(contact(1, 10, 10, 100), false);
	gesture.down(contact(2, 100, 10, 150), false);
	gesture.move(contact(2, 120, 10, 200));
	gesture.up(contact(1, 10, 10, 250));
	gesture.up(contact(2, 120, 10, 250));
	for (const time_ms of [1_000, 1_200]) {
		gesture.down(contact(1, 10, 10, time_ms), false);
		gesture.up(contact(1, 12, 10, time_ms + 20));
	}
	expect(done()).toEqual(["pinch 100-10 120-10", "show"]);
});

test("a pressed wheel pans", () => {
	const { gesture, done } = world();
	gesture.down(contact(1, 10, 10, 0, "mouse"), true);
	gesture.move(contact(1, 15, 8, 20, "mouse"));
	gesture.up(contact(1, 15, 8, 30, "mouse"));
	expect(done()).toEqual(["pan 5,-2"]);
});
