// One reading of where the phone is.

import type { GuestAnswer, GeoPlace } from "../../wire/generated";

type Geolocation = Pick<globalThis.Geolocation, "getCurrentPosition">;

/** Returns the place, or what is in the way. `null`: this browser has no location. */
export function locate(from: Geolocation | null = browsers()): Promise<GeoPlace | GuestAnswer> {
	if (from === null) return Promise.resolve("unsupported");
	return new Promise((resolve) => {
		// The browser's limit begins once the person has allowed it.
		const late = setTimeout(() => resolve("no_answer"), WHOLE_MS);
		const end = (with_: GeoPlace | GuestAnswer): void => {
			clearTimeout(late);
			resolve(with_);
		};
		from.getCurrentPosition(
			({ coords }) => end(placeOf(coords) ?? "no_position"),
			({ code }) => end(code === DENIED ? "denied" : "no_position"),
			{ enableHighAccuracy: true, maximumAge: 0, timeout: READING_MS },
		);
	});
}

/** With five places of degrees, about a metre. Null for what is not on the globe. */
function placeOf({ latitude, longitude, accuracy }: GeolocationCoordinates): GeoPlace | null {
	const e5 = (degrees: number): number => Math.round(degrees * 100_000);
	const place = { latitude_e5: e5(latitude), longitude_e5: e5(longitude), accuracy_m: Math.ceil(accuracy) };
	const on_globe = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
	const accurate = place.accuracy_m >= 0 && place.accuracy_m <= EARTH_M;
	return on_globe && accurate ? place : null;
}

function browsers(): Geolocation | null {
	return "geolocation" in navigator ? navigator.geolocation : null;
}

const DENIED = 1;
const READING_MS = 20_000;
const WHOLE_MS = 30_000;
const EARTH_M = 40_075_000;
