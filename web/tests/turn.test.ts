import { options } from "preact";
import { afterEach, expect, test, vi } from "vitest";
import { nextTask } from "../src/link/turn";
import { later } from "../src/ui/later";
import { renderInTurn } from "../src/ui/rendering";

afterEach(() => vi.unstubAllGlobals());

test("tasks come in the order in which they were asked for, each after what the one before began", async () => {
	const said: string[] = [];
	const one = nextTask().then(async () => {
		said.push("one");
		await Promise.resolve();
		said.push("and what it began");
	});
	const two = nextTask().then(() => said.push("two"));
	said.push("now");
	await Promise.all([one, two]);
	expect(said).toEqual(["now", "one", "and what it began", "two"]);
});

class Message extends Event {}

test.each([
	["a press", () => new Event("click"), ["press", "rendered", "task"]],
	["a message", () => new Message("message"), ["press", "task", "rendered"]],
	["an answer of the server", () => undefined, ["press", "task", "rendered"]],
])("what %s changed renders in its turn", async (_, event, order) => {
	vi.stubGlobal("MessageEvent", Message);
	vi.stubGlobal("event", event());
	renderInTurn();
	const said: string[] = [];
	const task = nextTask().then(() => said.push("task"));
	options.debounceRendering?.(() => void said.push("rendered"));
	said.push("press");
	await task;
	await nextTask();
	expect(said).toEqual(order);
});

test("parts that are wanted together begin to load one after the other, each once", async () => {
	const begun: string[] = [];
	const part = (name: string) => later(async () => begun.push(name));
	const [board, chat] = [part("board"), part("chat")];
	board.preload();
	chat.preload();
	expect([board.use(), chat.use()]).toEqual([null, null]);
	expect(begun).toEqual([]);
	await Promise.all([board.loaded(), chat.loaded()]);
	await nextTask();
	await nextTask();
	expect(begun).toEqual(["board", "chat"]);
	expect(board.use()).toBe(1);
});
