// The business's own look: one colour and a logo, on both pages, in light and in dark.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { everybodyCanUse } from "./axe.mjs";
import { inDark, photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { AGENT_NAME } from "./world.mjs";

/** Too pale for text on a light page, and fine on a dark one. */
const YELLOW = "#fdfd96";
const IS_CLOUD = process.env.SIGHTLINE_WORLD === "cloud";

story("an admin chooses a logo, both pages show it, and it is removed again", async (stage) => {
	const world = await stage.world("--colour", YELLOW);
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	const { page } = agent;
	const file = await wordmark(page);
	await page.getByRole("link", { name: "Admin", exact: true }).click();
	await page.getByRole("link", { name: "Look", exact: true }).click();
	await agent.sees("Look");
	await page.getByText("There is no logo yet.").waitFor();
	await page.getByText(`Text in ${YELLOW} would be too pale to read.`).waitFor();

	const field = page.locator('input[type="file"]');
	await field.setInputFiles({ name: "logo.gif", mimeType: "image/gif", buffer: Buffer.from("GIF89a") });
	await page.getByRole("alert").getByText("neither a PNG nor a JPEG").waitFor();
	await field.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: file.subarray(0, 90) });
	await agent.button("Use this logo").click();
	await page.getByRole("alert").getByText("damaged").waitFor();

	await field.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: file });
	await page.getByAltText("Preview of the chosen logo").waitFor();
	assert.equal(await page.locator('.bar img[src^="/api/logo"]').count(), 0, "not before it is sent");
	await agent.button("Use this logo").click();
	await isShown(page, ".bar");
	await everybodyCanUse(agent, "agent-look");
	await photograph(agent, "agent-look");

	await page.getByRole("link", { name: "New call", exact: true }).click();
	await agent.invites();
	await customer.opens((await world.last_sms()).link);
	await customer.button("Join").waitFor();
	await isShown(customer.page, ".brand");

	await page.goto(`${world.base}/agent#look`);
	await agent.button("Remove the logo").click();
	await page.getByText("There is no logo yet.").waitFor();
	assert.equal(await page.locator('.bar img[src="/favicon.svg"]').count(), 1);
	await customer.reloads();
	await customer.button("Join").waitFor();
	assert.equal(await customer.page.locator(".brand img").count(), 0);

	await page.getByRole("link", { name: "Audit log", exact: true }).click();
	for (const deed of ["changed the logo", "removed the logo"]) {
		await page.getByRole("row", { name: new RegExp(`${AGENT_NAME} ${deed}`) }).waitFor();
	}
});

if (!IS_CLOUD) {
	story("the operator's logo and colour are on both pages, and text can be read", async (stage) => {
		const folder = mkdtempSync(join(tmpdir(), "sightline-logo-"));
		try {
			const maker = await stage.agent(await stage.world());
			const path = join(folder, "logo.png");
			writeFileSync(path, await wordmark(maker.page));
			const world = await stage.world("--colour", YELLOW, "--logo", path);
			assert.match(world.log, /--colour #fdfd96 is too pale for text: light pages show #[0-9a-f]{6}/);
			const [agent, customer] = await Promise.all([
				stage.agent(world, { script: watchLogo }),
				stage.customer(world, { script: watchLogo }),
			]);
			await staysItsSize(agent.page, ".bar");
			await everybodyCanUse(agent, "agent-start-branded");
			await photograph(agent, "agent-start-branded");
			await agent.invites();
			await everybodyCanUse(agent, "agent-waiting-branded");
			await customer.opens((await world.last_sms()).link);
			await customer.button("Join").waitFor();
			await staysItsSize(customer.page, ".brand");
			await everybodyCanUse(customer, "customer-lobby-branded");
			await photograph(customer, "customer-lobby-branded");
			for (const { page } of [agent, customer]) {
				await inDark(page, async () => assert.equal(await accent(page), YELLOW));
				assert.notEqual(await accent(page), YELLOW, "darker in light");
			}
			await agent.page.goto(`${world.base}/agent#look`);
			await agent.page.getByText("The operator gave this logo").waitFor();
			assert.equal(await agent.button("Choose a logo").count(), 0);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
}

/** A logo as a browser writes it: a wide PNG with transparent parts. */
async function wordmark(page) {
	const url = await page.evaluate(() => {
		const canvas = Object.assign(document.createElement("canvas"), { width: 420, height: 96 });
		const ink = canvas.getContext("2d");
		ink.fillStyle = "#c2410c";
		ink.font = "bold 72px sans-serif";
		ink.fillText("ACME repairs", 4, 72, 412);
		return canvas.toDataURL("image/png");
	});
	return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

/** Waits until the logo is drawn, in its own shape. */
async function isShown(page, place) {
	const logo = page.locator(`${place} img[src^="/api/logo?v="]`);
	await logo.waitFor();
	await until("the logo is loaded", () => logo.evaluate((image) => image.complete && image.naturalWidth > 0));
	const { width, height } = await logo.boundingBox();
	assert.ok(width > 2 * height && height >= 30, `${width} x ${height}`);
}

/** Its place had its size before it had come. */
async function staysItsSize(page, place) {
	await isShown(page, place);
	const sizes = await page.evaluate(() => window.__sizes);
	assert.equal(new Set(sizes).size, 1, `the logo was ${sizes}`);
}

/** The accent as the page shows it, as its style sheets would write it. */
function accent(page) {
	return page.evaluate(() => {
		const probe = document.createElement("i");
		probe.style.color = "var(--accent)";
		document.body.append(probe);
		const parts = getComputedStyle(probe).color.match(/\d+/g) ?? [];
		probe.remove();
		return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
	});
}

/** Runs in the page: notes the logo's size at each frame. */
function watchLogo() {
	window.__sizes = [];
	const watch = () => {
		const logo = document.querySelector(".logo")?.getBoundingClientRect();
		if (logo !== undefined) window.__sizes.push(`${logo.width}x${logo.height}`);
		requestAnimationFrame(watch);
	};
	requestAnimationFrame(watch);
}
