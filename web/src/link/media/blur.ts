// The blurred background that a system or a browser makes by itself, where a camera's track has it.
// The DOM types lack the names.

type Track = Pick<MediaStreamTrack, "getSettings" | "getConstraints" | "applyConstraints"> &
	Partial<Pick<MediaStreamTrack, "getCapabilities">>;

/** Whether the background is blurred; null where a page cannot change it. */
export function blurOf(track: Track): boolean | null {
	const { backgroundBlur: values } = (track.getCapabilities?.() ?? {}) as { backgroundBlur?: unknown };
	if (!Array.isArray(values) || !values.includes(true) || !values.includes(false)) return null;
	return (track.getSettings() as { backgroundBlur?: boolean }).backgroundBlur === true;
}

/** Returns whether the background is as wanted. */
export async function setBlur(track: Track, on: boolean): Promise<boolean> {
	if (blurOf(track) === null) return false;
	try {
		// Constraints replace the earlier ones, such as the picture's size.
		const wanted = { ...track.getConstraints(), backgroundBlur: { exact: on } };
		await track.applyConstraints(wanted as MediaTrackConstraints);
		return blurOf(track) === on;
	} catch {
		return false;
	}
}
