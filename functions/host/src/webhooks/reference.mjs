// Writes reference.tsv: the edges of networks that are not for everybody, as another library names
// them.
//
//     npm install ipaddr.js@2.5.0
//     node reference.mjs > reference.tsv

import ipaddr from "ipaddr.js";

const edges = new Set();
for (const kind of [ipaddr.IPv4, ipaddr.IPv6]) {
	const example = kind === ipaddr.IPv4 ? ipaddr.parse("1.1.1.1") : ipaddr.parse("2606:4700::1");
	const wide = kind === ipaddr.IPv4 ? 32n : 128n;
	for (const ranges of Object.values(example.SpecialRanges)) {
		const all = Array.isArray(ranges[0]) ? ranges : [ranges];
		for (const [first, length] of all) {
			const from = number(first);
			const until = from + (1n << (wide - BigInt(length))) - 1n;
			for (const edge of [from - 1n, from, (from + until) / 2n, until, until + 1n]) {
				if (edge >= 0n && edge < 1n << wide) edges.add(text(kind, edge, wide));
			}
		}
	}
}
for (const edge of edges) console.log(`${edge}\t${ipaddr.parse(edge).range()}`);

function number(address) {
	return BigInt(`0x${address.toByteArray().map((byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

function text(kind, of, wide) {
	const bytes = [];
	for (let at = wide - 8n; at >= 0n; at -= 8n) bytes.push(Number((of >> at) & 255n));
	return new kind(bytes).toString();
}
