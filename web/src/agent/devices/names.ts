// How the settings name the browser's devices. Pure.

export interface NamedDevice {
	id: string;
	name: string;
}

/**
 * The devices of a kind that can be chosen, each under a name of its own: equal ones are counted.
 * Chromium lists its own choice as a device, too, which the list has as its first entry already.
 */
export function namedDevices(
	found: readonly Pick<MediaDeviceInfo, "deviceId" | "kind" | "label">[],
	kind: MediaDeviceKind,
	unnamed: string,
): NamedDevice[] {
	const counts = new Map<string, number>();
	const taken = new Set<string>();
	return found
		.filter((device) => device.kind === kind && !NO_DEVICE.has(device.deviceId))
		.map(({ deviceId, label }) => {
			const base = label.trim() || unnamed;
			let count = (counts.get(base) ?? 0) + 1;
			const name = (): string => (count === 1 ? base : `${base} (${count})`);
			while (taken.has(name())) count += 1;
			counts.set(base, count);
			taken.add(name());
			return { id: deviceId, name: name() };
		});
}

const NO_DEVICE: ReadonlySet<string> = new Set(["", "default"]);
