// The template and the desk each define security headers. They must be the same.

import assert from "node:assert/strict";
import { story } from "./stage.mjs";
import { DeskWorld } from "./world.mjs";

const NAMES = [
	"content-security-policy",
	"cross-origin-embedder-policy",
	"cross-origin-opener-policy",
	"cross-origin-resource-policy",
	"permissions-policy",
	"referrer-policy",
	"x-content-type-options",
];

story(
	"pages of the cloud have the same security headers as the desk's, plus one origin for pictures",
	async (stage) => {
		const world = await stage.world();
		const desk = await DeskWorld.open();
		try {
			for (const path of ["/agent", "/j"]) {
				const [cloud, wanted] = await Promise.all([world, desk].map(({ base }) => headersOf(base + path)));
				const pictures = /img-src 'self' blob: data: (\S+);/.exec(cloud["content-security-policy"])?.[1];
				assert.match(pictures ?? "", /^https?:\/\/[^/\s]+$/, "there is an origin for pictures");
				assert.ok(
					cloud["content-security-policy"].includes(`connect-src 'self' ${pictures};`),
					"uploads to it are allowed",
				);
				cloud["content-security-policy"] = cloud["content-security-policy"].replaceAll(` ${pictures}`, "");
				assert.deepEqual(cloud, wanted, path);
			}
			for (const path of ["/api/entrance", "/api/nothing"]) {
				const [cloud, wanted] = await Promise.all([world, desk].map(({ base }) => headersOf(base + path)));
				assert.deepEqual(cloud, wanted, path);
			}
		} finally {
			await desk.stop();
		}
	},
);

async function headersOf(url) {
	const { headers } = await fetch(url);
	return Object.fromEntries(NAMES.map((name) => [name, headers.get(name)]));
}
