// Something else that the process needs is not there.

import { renameSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../stories/until.mjs";
import { ignored } from "../turns.mjs";

const SLOW_CLIENTS = 200;
/** Commands that are acknowledged while those are there. */
const GOES_ON = 10;

/** @type {import("../kinds.mjs").Kind[]} */
export const LIMITS = [
	{
		name: "64 descriptors, 200 slow clients",
		means: { files_max: 64 },
		async play({ desk, people, chance }) {
			const { hostname, port } = new URL(desk.base);
			const slow = Array.from({ length: SLOW_CLIENTS }, () => {
				const socket = connect(Number(port), hostname);
				socket.on("error", ignored);
				socket.write("GET / HTTP/1.1\r\nX: ");
				return socket;
			});
			const before = people.acked.length;
			await until("the call goes on", () => people.acked.length >= before + GOES_ON);
			await pause(chance.between(0, 400));
			for (const socket of slow) socket.destroy();
			return performance.now();
		},
	},
	{
		name: "a picture's file is missing",
		async play({ desk, people, chance }) {
			const picture = await people.takes();
			const [name] = desk.filesOf(people.session, picture);
			const file = join(desk.folder, "objects", name);
			const aside = join(desk.root, "picture");
			renameSync(file, aside);
			const answer = await people.fetches(picture);
			if (answer === 200) throw new Error("a picture without a file is answered");
			await pause(chance.between(0, 400));
			renameSync(aside, file);
			return performance.now();
		},
	},
];
