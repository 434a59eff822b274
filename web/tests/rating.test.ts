import { expect, test } from "vitest";
import type { ApiResult } from "../src/link/server/api";
import { commentText } from "../src/link/server/text";
import { RatingForm, rateUntil } from "../src/ui/rating-form";
import { COMMENT_TEXT_MAX, type Rate } from "../src/wire/generated";

/** A form whose requests are answered by hand. */
function form() {
	const sent: Rate[] = [];
	const answers: ((answer: ApiResult<void>) => void)[] = [];
	const made = new RatingForm("customer", (rate) => {
		sent.push(rate);
		return new Promise((resolve) => answers.push(resolve));
	});
	const answered = async (answer: ApiResult<void>): Promise<void> => {
		answers.shift()?.(answer);
		await Promise.resolve();
	};
	return { form: made, sent, answered };
}

const DONE = { ok: true, value: undefined } as const;

test("a call that both joined is rated until ten minutes after its end", () => {
	const ended = { at_ms: 1_000_000, why: "agent_ended" } as const;
	expect(rateUntil({ ended, live_since_ms: 5_000 })).toBe(1_600_000);
	expect(rateUntil({ ended, live_since_ms: null })).toBeNull();
	expect(rateUntil({ ended: null, live_since_ms: 5_000 })).toBeNull();
});

test("nothing is sent before a choice", async () => {
	const { form: rating, sent } = form();
	await rating.send();
	expect([rating.stage.value, rating.missing.value, sent]).toEqual(["form", true, []]);
	rating.choose(1);
	expect(rating.missing.value).toBe(false);
});

test("sending twice asks once, and a change is sent again", async () => {
	const { form: rating, sent, answered } = form();
	rating.choose(4);
	rating.comment.value = " Kind.\r\nQuick. ";
	void rating.send();
	void rating.send();
	expect(rating.stage.value).toBe("sending");
	await answered(DONE);
	await rating.send();
	expect(rating.stage.value).toBe("thanks");
	expect(sent).toEqual([{ seat: "customer", stars: 4, comment: commentText(" Kind.\r\nQuick. ") }]);

	rating.change();
	expect([rating.stage.value, rating.stars.value, rating.comment.value]).toEqual(["form", 4, " Kind.\r\nQuick. "]);
	rating.choose(5);
	rating.comment.value = "  ";
	void rating.send();
	await answered(DONE);
	expect(sent[1]).toEqual({ seat: "customer", stars: 5 });
});

test("a failure keeps what was typed, and can be repeated", async () => {
	const { form: rating, sent, answered } = form();
	rating.choose(2);
	rating.comment.value = "The picture stood still.";
	void rating.send();
	await answered({ ok: false, error: { error: "network" } });
	expect([rating.stage.value, rating.failure.value]).toEqual(["form", { error: "network" }]);
	expect(rating.comment.value).toBe("The picture stood still.");
	void rating.send();
	expect(rating.failure.value).toBeNull();
	await answered(DONE);
	expect([rating.stage.value, sent.length]).toEqual(["thanks", 2]);
});

test("a rating that comes too late is over", async () => {
	const { form: rating, answered } = form();
	rating.choose(3);
	void rating.send();
	await answered({ ok: false, error: { error: "refused", why: "too_late" } });
	rating.change();
	expect([rating.stage.value, rating.failure.value]).toEqual(["over", null]);
});

test("a comment is cut where the server would refuse it", () => {
	expect(commentText("x".repeat(COMMENT_TEXT_MAX + 1))).toHaveLength(COMMENT_TEXT_MAX);
	expect(commentText("a\u0000b\nc")).toBe("a b\nc");
});

test("what was said before is shown for a change, and not as thanks", async () => {
	const sent: Rate[] = [];
	const given = { stars: 3, comment: "Slow." };
	const rating = new RatingForm("agent", (rate) => Promise.resolve({ ok: true, value: void sent.push(rate) }), given);
	expect([rating.stage.value, rating.stars.value, rating.comment.value]).toEqual(["given", 3, "Slow."]);
	await rating.send();
	expect(sent).toEqual([]);
	rating.change();
	rating.choose(4);
	await rating.send();
	expect([rating.stage.value, sent]).toEqual(["thanks", [{ seat: "agent", stars: 4, comment: "Slow." }]]);
});

test.each([
	[2, "Kind."],
	[1, "Not kind."],
])("what is changed to %i, “%s” while it is sent is not thanked for, and can be sent", async (stars, comment) => {
	const { form: rating, sent, answered } = form();
	rating.choose(1);
	rating.comment.value = "Kind.";
	void rating.send();
	rating.choose(stars);
	rating.comment.value = comment;
	await answered(DONE);
	expect([rating.stage.value, rating.failure.value]).toEqual(["form", null]);
	void rating.send();
	await answered(DONE);
	expect([rating.stage.value, sent.at(-1)]).toEqual(["thanks", { seat: "customer", stars, comment }]);
});
