// Which of the devices that are there was chosen by the person. Pure.

/** A chosen device, as the browser remembers it. */
export interface KeptDevice {
	id: string;
	label: string;
}

type There = Pick<MediaDeviceInfo, "deviceId" | "kind" | "label">;

/** By its id, else by its name: behind another socket some browsers give it another id. */
export function again<Found extends There>(
	{ id, label }: KeptDevice,
	found: readonly Found[],
	kind: MediaDeviceKind,
): Found | null {
	const fitting = found.filter((one) => one.kind === kind && one.deviceId !== "");
	const named = fitting.filter((one) => label !== "" && one.label === label);
	// Of two with one name none is known to be it.
	return fitting.find(({ deviceId }) => deviceId === id) ?? (named.length === 1 ? (named[0] ?? null) : null);
}

/** Null for what is no such note. */
export function readKept(text: string | null): KeptDevice | null {
	try {
		const { id, label } = JSON.parse(text ?? "null") ?? {};
		return typeof id === "string" && typeof label === "string" && id !== "" ? { id, label } : null;
	} catch {
		return null;
	}
}
