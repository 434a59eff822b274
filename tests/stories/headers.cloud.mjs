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
		const holder = ["--embed-origin", "https://claims.example.com"];
		const world = await stage.world(...holder);
		const desk = await DeskWorld.open(...holder);
		try {
			for (const path of ["/agent", "/j", "/embed"]) {
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
			const embed = await headersOf(`${world.base}/embed`);
			assert.match(embed["content-security-policy"], /frame-ancestors https:\/\/claims\.example\.com;/);
			assert.equal(embed["cross-origin-resource-policy"], "cross-origin");
			const texts = ["/agent", "/embed"].map(async (path) => (await fetch(world.base + path)).text());
			assert.equal(...(await Promise.all(texts)));
			for (const path of ["/api/entrance", "/api/nothing"]) {
				const [cloud, wanted] = await Promise.all([world, desk].map(({ base }) => headersOf(base + path)));
				assert.deepEqual(cloud, wanted, path);
			}
		} finally {
			await desk.stop();
		}
	},
);

story("without an allowed origin there is no page for frames", async (stage) => {
	const world = await stage.world();
	assert.equal((await fetch(`${world.base}/embed`)).status, 404);
});

async function headersOf(url) {
	const { headers } = await fetch(url);
	return Object.fromEntries(NAMES.map((name) => [name, headers.get(name)]));
}
