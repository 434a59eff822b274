// Runs in a place: gives a port of its loopback to a server elsewhere.
//
//     node forward.mjs PORT TO_PORT TO_ADDRESS

import net from "node:net";
import { join } from "./place.mjs";

const [port, to_port, to_address] = process.argv.slice(2);
net
	.createServer((socket) => join(socket, net.connect(Number(to_port), to_address)))
	.listen(Number(port), "127.0.0.1", () => console.log("ready"));
