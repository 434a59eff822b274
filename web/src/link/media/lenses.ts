// Which of a phone's cameras face away from the person, and which of them is the main one. Pure.

/** What is known of a camera. Browsers that know more tell which way it faces. */
export type Known = Pick<MediaDeviceInfo, "deviceId" | "label"> & {
	getCapabilities?: () => MediaTrackCapabilities;
};

/** The ids of the rear cameras, the main one first. */
export function rearLenses(cameras: readonly Known[]): string[] {
	return cameras
		.filter(facesAway)
		.map((camera) => ({ id: camera.deviceId, label: camera.label }))
		.sort((a, b) => rank(a.label) - rank(b.label) || byNumbers(a.label, b.label))
		.map(({ id }) => id);
}

function facesAway(camera: Known): boolean {
	const facing = camera.getCapabilities?.().facingMode ?? [];
	if (facing.length > 0) return facing.includes("environment");
	return REAR.test(camera.label) && !FRONT.test(camera.label);
}

/**
 * Makers add words to the name of the main lens ("Back Camera", "Back Ultra Wide Camera"): in every
 * language the shortest name is the main one. Lenses for special purposes come last.
 */
function rank(label: string): number {
	const letters = label.normalize("NFC").replace(/\P{L}/gu, "");
	return letters.length + (SPECIAL.test(label) ? 1_000 : 0);
}

/** Android numbers its cameras, and the main one is the first ("camera2 0, facing back"). */
function byNumbers(a: string, b: string): number {
	const [mine, others] = [numbers(a), numbers(b)];
	const at = mine.findIndex((n, place) => n !== others[place]);
	return at < 0 ? 0 : (mine[at] ?? 0) - (others[at] ?? 0);
}

const numbers = (label: string): number[] => (label.match(/\d+/g) ?? []).map(Number);

const SPECIAL =
	/ultra|tele|macro|depth|infrared|\bir\b|mono|zoom|desk|virtual|超|望遠|長焦|长焦|초광각|망원|ультра|теле/iu;
const FRONT = /front|user|selfie|facetime/iu;

/** "Back" and "rear" in the languages that phones speak. */
const REAR =
	/back|rear|environment|world|r[üu]ck|arri[èe]re|traser|tr[áa]s|traseir|posterior|darrere|achter|baksid|bagsid|\bbak\b|tyln|taka|h[áa]t(só|old)|zadn|spate|straž?nj|arka|belakang|sau\b|задн|артқы|πίσω|后置|後置|后面|後面|背面|背置|후면|หลัง|الخلفي|خلفية|אחורית|बैक/iu;
