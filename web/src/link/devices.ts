import type { Seat } from "../wire/generated";
import type { Devices } from "./call";

export function createDevices(_options: { seat: Seat }): Devices {
	throw new Error("being built");
}
