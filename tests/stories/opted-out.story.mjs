// A person who answered STOP gets no more text messages. No carrier stands behind the desk, so the
// page hears here what the functions say of one.

import { everybodyCanUse } from "./axe.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

story("a number that answered STOP is shown as such, with link and QR code as the way on", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world);
	const { page } = agent;
	await page.routeWebSocket(/\/ws/, (socket) => {
		const server = socket.connectToServer();
		server.onMessage((message) => socket.send(String(message).replace(ACCEPTED, OPTED_OUT)));
	});
	await page.route("**/api/sessions?*", optsOut);
	await page.route("**/api/sessions", (route) =>
		route.request().method() === "GET" ? optsOut(route) : route.fallback(),
	);

	await agent.invites();
	await page.getByText("this number has opted out", { exact: false }).waitFor();
	const again = agent.button("Send again");
	await until("the button says why not", async () =>
		/asked for no more text messages/.test(String(await again.getAttribute("aria-description"))),
	);
	await agent.button("Copy link").waitFor();
	await agent.button("Show QR code").waitFor();
	await everybodyCanUse(agent, "agent-waiting-opted-out");
	await photograph(agent, "agent-waiting-opted-out");

	await page.getByRole("link", { name: "Calls", exact: true }).click();
	await page.getByText("answered STOP", { exact: true }).waitFor();
	await page.goto(`${world.base}/agent`);
	const recent = page.getByRole("group", { name: "Recent numbers", exact: true });
	await recent.getByText("answered STOP", { exact: true }).waitFor();
	await everybodyCanUse(agent, "agent-start-opted-out");
	await photograph(agent, "agent-start-opted-out");
});

const ACCEPTED = /"type":"sms_accepted"/g;
const OPTED_OUT = '"type":"sms_failed","why":"opted_out"';

/** Lists every call as one whose person opted out. */
async function optsOut(route) {
	const answer = await route.fetch();
	const { calls, ...rest } = await answer.json();
	await route.fulfill({
		response: answer,
		json: { ...rest, calls: calls.map((call) => ({ ...call, opted_out: true })) },
	});
}
