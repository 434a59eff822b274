import { expect, test } from "vitest";
import { Files, type Module } from "../src/files";

/** A browser that loses these files so many times, and then answers at new addresses only. */
function losing(losses: Record<string, number>) {
	const asked: string[] = [];
	const answer = async (address: string): Promise<string> => {
		const file = address.split("?")[0] ?? "";
		// Firefox answers the address of a lost script from memory.
		if (asked.includes(address)) throw new Error(`${address} was lost before`);
		asked.push(address);
		const left = losses[file] ?? 0;
		losses[file] = left - 1;
		if (left > 0) throw new Error(`${address} is lost`);
		return file;
	};
	const files = new Files({
		script: async (address) => ({ is: await answer(address) }),
		style: async (address) => void (await answer(address)),
		hint: () => undefined,
	});
	return { asked, files };
}

const board = (files: Files): Promise<Module> => files.load("/board.js", ["/ink.js", "/input.js"], ["/board.css"]);

async function comes(files: Files): Promise<number> {
	for (let tries = 1; tries < 10; tries += 1) {
		const came = await board(files).catch(() => null);
		if (came !== null) return tries;
	}
	throw new Error("it never came");
}

test.each(["/board.js", "/ink.js", "/input.js", "/board.css"])(
	"%s is asked for elsewhere until it comes",
	async (lost) => {
		const { asked, files } = losing({ [lost]: 2 });
		expect(await comes(files)).toBe(3);
		expect(asked.filter((address) => address.startsWith(lost))).toEqual([lost, `${lost}?again=1`, `${lost}?again=2`]);
		for (const file of ["/board.js", "/ink.js", "/input.js", "/board.css"]) {
			if (file !== lost) expect(asked.filter((address) => address.startsWith(file))).toEqual([file]);
		}
	},
);

test("scripts are hinted at once where one waits for another or a style, and not where one is alone", async () => {
	const hinted: string[] = [];
	const files = new Files({
		script: async (address) => ({ is: address }),
		style: async () => undefined,
		hint: (address) => void hinted.push(address),
	});
	await files.load("/alone.js", [], []);
	expect(hinted).toEqual([]);
	await files.load("/board.js", ["/alone.js", "/ink.js"], ["/board.css"]);
	expect(hinted).toEqual(["/ink.js", "/board.js"]);
	await files.load("/input.js", ["/ink.js"], ["/board.css"]);
	expect(hinted).toEqual(["/ink.js", "/board.js"]);
});

test("what has come is not loaded again, even if two need it", async () => {
	const { asked, files } = losing({ "/ink.js": 1 });
	const both = await Promise.allSettled([board(files), files.load("/composing.js", ["/ink.js"], [])]);
	expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
	await Promise.all([board(files), files.load("/composing.js", ["/ink.js"], []), board(files)]);
	expect(asked.filter((address) => address.startsWith("/ink.js"))).toEqual(["/ink.js", "/ink.js?again=1"]);
	expect(asked.filter((address) => address.startsWith("/board.js"))).toEqual(["/board.js"]);
});

test("a script finds what it imports, and not what is lost", async () => {
	const { files } = losing({ "/input.js": 1 });
	await expect(board(files)).rejects.toThrow("/input.js is lost");
	expect(files.module("/ink.js")).toEqual({ is: "/ink.js" });
	expect(() => files.module("/input.js")).toThrow("not loaded");
	await board(files);
	expect(files.module("/input.js")).toEqual({ is: "/input.js" });
});
