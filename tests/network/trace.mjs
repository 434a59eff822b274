// Prints what both pages sent, received and were told, step by step; rates are a second's.

const RATES = ["encoded", "sent", "shown", "keys", "again", "nacks", "made_up_ms", "heard", "unheard"];

/** @param {import("./watch.mjs").Trace[]} lines */
function perSecond(lines, begun) {
	return lines.slice(1).map((line, place) => {
		const before = lines[place];
		const seconds = (line.at - before.at) / 1000;
		const more = (name) => (line[name] - (before[name] ?? 0)) / seconds;
		const told = { s: ((line.at - begun) / 1000).toFixed(1) };
		if (line.high !== undefined) {
			const pictures = line.encoded - (before.encoded ?? 0);
			told.high = line.high;
			told.out_kbit = Math.round(more("out_bytes") / 125);
			told.target_kbit = Math.round(line.target / 1000);
			told.qp = pictures > 0 ? Math.round((line.qp - before.qp) / pictures) : "-";
			told.limit = line.limit;
		}
		// With the headers of UDP and IP.
		if (line.all_bytes !== undefined) told.all_kbit = Math.round(more("all_bytes") / 125);
		if (line.in_bytes !== undefined) told.in_kbit = Math.round(more("in_bytes") / 125);
		for (const name of RATES) if (line[name] !== undefined) told[name] = Math.round(more(name));
		if (line.up_bps !== undefined) told.up_kbit = Math.round(line.up_bps / 1000);
		if (line.rtt !== undefined) told.rtt_ms = Math.round(1000 * line.rtt);
		for (const name of Object.keys(line)) if (/^(relay|other)_/.test(name)) told[name] = line[name];
		return told;
	});
}

/**
 * @typedef {import("../stories/people.mjs").Person} Person
 * @param {{ agent: Person, customer: Person }} call
 */
export async function printTrace({ agent, customer }) {
	const of = (person) => person.page.evaluate(() => window.__trace ?? []);
	const all = { customer: await of(customer), agent: await of(agent) };
	const begun = Math.min(...Object.values(all).map(([first]) => first?.at ?? Number.POSITIVE_INFINITY));
	for (const [who, lines] of Object.entries(all)) {
		for (const line of perSecond(lines, begun)) {
			const words = Object.entries(line).map(([name, value]) => `${name} ${value}`);
			console.log(`${who.padEnd(8)} ${words.join(", ")}`);
		}
	}
}
