import { expect, test } from "vitest";
import { Turns } from "../src/agent/turns";

test("only the newest request is shown, in whatever order the answers come", () => {
	const turns = new Turns();
	const first = turns.begin();
	expect(first()).toBe(true);
	const second = turns.begin();
	expect([second(), first()]).toEqual([true, false]);
	const third = turns.begin();
	expect([first(), second(), third()]).toEqual([false, false, true]);
	expect(third(), "asking changes nothing").toBe(true);
});

test("screens count apart", () => {
	const [keys, agents] = [new Turns(), new Turns()];
	const isNewest = keys.begin();
	agents.begin();
	expect(isNewest()).toBe(true);
});
