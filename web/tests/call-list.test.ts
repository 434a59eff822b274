import { expect, test } from "vitest";
import { createCallList } from "../src/agent/calls/list";
import { fromHash, isFiltered, NOTHING, type Query, toHash, toPath } from "../src/agent/calls/query";
import type { ApiResult } from "../src/link/server/api";
import type { Call, Calls } from "../src/wire/generated";

const call = (n: number, agent = "a"): Call => ({
	session: `call-${n}`,
	at_ms: n * 1_000,
	number: "",
	reference: `CASE-${n}`,
	phase: "ended",
	agent,
	agent_name: `Agent ${agent}`,
});

/** A server whose answers come when the test says so. */
function server() {
	const asked: { path: string; answer: (answer: ApiResult<Calls>) => void }[] = [];
	const ask = (path: string): Promise<ApiResult<Calls>> =>
		new Promise((resolve) => asked.push({ path, answer: resolve }));
	return { asked, list: createCallList(ask) };
}

const answer = (calls: Call[], after?: string): ApiResult<Calls> => ({
	ok: true,
	value: { calls, ...(after === undefined ? {} : { after }) },
});
const failure: ApiResult<Calls> = { ok: false, error: { error: "trouble" } };
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const by = (search: string): Query => ({ ...NOTHING, search });

test("what is asked for goes into the address and back", () => {
	const query = {
		search: "ä&b=#?%",
		agent: "all",
		day: "2026-11-28",
		reason: "too_long",
		rating: "5",
		pictures: "1",
		goes: "7",
	};
	expect(fromHash(`#${toHash(query)}`)).toEqual(query);
	expect(toHash(NOTHING)).toBe("calls");
	expect(fromHash("#calls")).toEqual(NOTHING);
	expect(fromHash("#calls?search=a?b&unknown=1&__proto__=x")).toEqual(by("a?b"));
	expect([...fromHash(`#calls?search=${"😀".repeat(90)}`).search]).toHaveLength(50);
	expect(isFiltered(by("a"))).toBe(false);
	expect(isFiltered({ ...NOTHING, goes: "7" })).toBe(true);
});

test("the server is asked for what it knows, and a day has the zone of this machine", () => {
	expect(toPath(NOTHING, null)).toBe("/api/sessions");
	expect(toPath({ ...by(" a b "), agent: "all" }, "x-y")).toBe("/api/sessions?search=a+b&all=1&after=x-y");
	expect(toPath({ ...NOTHING, agent: "AgEnT" }, null)).toBe("/api/sessions?agent=AgEnT");
	const zone = -new Date("2026-07-01T00:00:00").getTimezoneOffset();
	expect(toPath({ ...NOTHING, day: "2026-07-01" }, null)).toBe(`/api/sessions?day=2026-07-01&zone=${zone}`);
	expect(toPath({ ...NOTHING, day: "nonsense" }, null)).toBe("/api/sessions?day=nonsense&zone=0");
});

test("an answer that comes late does not replace a newer one", async () => {
	const { asked, list } = server();
	void list.show("Ada", by("a"));
	void list.show("Ada", by("ab"));
	asked[1]?.answer(answer([call(2)]));
	await settled();
	asked[0]?.answer(answer([call(1)], "late"));
	await settled();
	expect(list.calls.value).toEqual([call(2)]);
	expect([list.goesOn.value, list.loading.value]).toEqual([false, null]);

	// Older calls of the query before do not come to those of the next one either.
	void list.show("Ada", by("b"));
	asked[2]?.answer(answer([call(4)], "four"));
	await settled();
	void list.more();
	void list.show("Ada", by("c"));
	asked[4]?.answer(answer([call(5)]));
	asked[3]?.answer(answer([call(3)]));
	await settled();
	expect(list.calls.value).toEqual([call(5)]);
});

test("older calls follow to the last one, one request at a time", async () => {
	const { asked, list } = server();
	void list.show("Ada", NOTHING);
	void list.more();
	expect(asked).toHaveLength(1);
	asked[0]?.answer(answer([call(9), call(8)], "eight"));
	await settled();
	void list.more();
	void list.more();
	expect(asked.map(({ path }) => path)).toEqual(["/api/sessions", "/api/sessions?after=eight"]);
	expect(list.loading.value).toBe("more");
	asked[1]?.answer(answer([], "seven"));
	await settled();
	expect([list.sparse.value, list.goesOn.value]).toEqual([true, true]);
	void list.more();
	asked[2]?.answer(failure);
	await settled();
	expect(list.failed.value).toEqual({ error: "trouble" });
	expect(list.calls.value).toHaveLength(2);
	void list.again();
	asked[3]?.answer(answer([call(1)]));
	await settled();
	expect(asked[3]?.path).toBe("/api/sessions?after=seven");
	expect(list.calls.value.map(({ session }) => session)).toEqual(["call-9", "call-8", "call-1"]);
	expect([list.sparse.value, list.goesOn.value, list.failed.value]).toEqual([false, false, null]);
	await list.more();
	expect(asked).toHaveLength(4);
});

test("coming back shows what was there at once, with what is new in it", async () => {
	const { asked, list } = server();
	void list.show("Ada", NOTHING);
	asked[0]?.answer(answer([call(9), call(8)], "eight"));
	await settled();
	void list.more();
	asked[1]?.answer(answer([call(7)], "seven"));
	await settled();
	void list.show("Ada", NOTHING);
	expect(list.calls.value).toHaveLength(3);
	expect(list.loading.value).toBeNull();
	const joined = { ...call(9), customer: "Grace" };
	asked[2]?.answer(answer([call(10), joined], "nine"));
	await settled();
	expect(list.calls.value).toEqual([call(10), joined, call(8), call(7)]);
	void list.more();
	expect(asked[3]?.path).toBe("/api/sessions?after=seven");
	asked[3]?.answer(answer([]));
	await settled();

	void list.show("Ada", NOTHING);
	asked[4]?.answer(failure);
	await settled();
	expect(list.calls.value, "what is shown stays").toHaveLength(4);
	void list.show("Ada", NOTHING);
	asked[5]?.answer(answer([call(10)]));
	await settled();
	expect(list.calls.value, "all there is").toEqual([call(10)]);
	void list.show("Eve", NOTHING);
	expect(list.calls.value, "another person sees nothing of it").toEqual([]);
	expect(list.agents.value.size).toBe(0);
});

test("agents whose calls were seen are known by name", async () => {
	const { asked, list } = server();
	void list.show("Ada", { ...NOTHING, agent: "all" });
	asked[0]?.answer(answer([call(2, "b"), call(1, "a")]));
	await settled();
	void list.show("Ada", { ...NOTHING, agent: "b" });
	asked[1]?.answer(answer([{ ...call(2, "b"), agent_name: "Renamed" }]));
	await settled();
	expect([...list.agents.value]).toEqual([
		["b", "Renamed"],
		["a", "Agent a"],
	]);
});
