import { me } from "../console";
import type { LocatedAt } from "../../wire/generated";
import { hourMinute } from "../times";
import { mapOf } from "./map";
import { g } from "./words";

/** A place in words, and a way to a map, which says whose it is. */
export function Where({ place }: { place: LocatedAt }) {
	const { latitude, longitude } = degreesOf(place);
	const map = mapOf(me.value?.maps ?? "", latitude, longitude);
	const time = hourMinute(place.at_ms);
	return (
		<>
			<p>
				{g("within", { latitude, longitude, m: place.accuracy_m })}
				<br />
				{g("told_at", { time })}
			</p>
			{map !== null && (
				<p>
					<a href={map.href} target="_blank" rel="noreferrer noopener">
						{g("maps", { site: map.host })}
					</a>
				</p>
			)}
		</>
	);
}

function degreesOf({ latitude_e5, longitude_e5 }: LocatedAt): { latitude: string; longitude: string } {
	const degrees = (e5: number): string => (e5 / 100_000).toFixed(5);
	return { latitude: degrees(latitude_e5), longitude: degrees(longitude_e5) };
}
