// What a page's main thread does, in processor time: on a busy machine the time on the wall says
// nothing. Chromium's own trace.

/**
 * The tasks of a page while something is done. What the story itself asks of the page is left out.
 * @param {import("./people.mjs").Person} person
 * @param {() => Promise<unknown>} act
 * @returns {Promise<number[]>} milliseconds of processor time, longest first
 */
export async function tasksOf({ browser, page }, act) {
	const devtools = await browser.newBrowserCDPSession();
	const events = [];
	devtools.on("Tracing.dataCollected", ({ value }) => events.push(...value));
	const done = new Promise((resolve) => devtools.on("Tracing.tracingComplete", resolve));
	const traceConfig = { includedCategories: ["toplevel", "blink.user_timing"] };
	await devtools.send("Tracing.start", { traceConfig, transferMode: "ReportEvents" });
	await act();
	// A page that was opened meanwhile has a process of its own.
	await page.evaluate(() => performance.mark("the story's page"));
	await devtools.send("Tracing.end");
	await done;
	await devtools.detach();
	const { pid } = events.find(({ name }) => name === "the story's page");
	const main = events.find((one) => one.pid === pid && one.args?.name === "CrRendererMain");
	const own = events.filter((one) => one.pid === main.pid && one.tid === main.tid && one.tdur !== undefined);
	const asked = own.filter(isAsked);
	return own
		.filter((one) => /RunTask$/.test(one.name) && !asked.some((message) => isWithin(one, message)))
		.map(({ tdur }) => tdur / 1_000)
		.sort((a, b) => b - a);
}

/** A command of the tool that runs the story. */
const isAsked = ({ args }) => args?.chrome_mojo_event_info?.mojo_interface_tag === "blink.mojom.DevToolsSession";

const isWithin = (task, { ts }) => ts >= task.ts && ts < task.ts + task.dur;
