import type { Event, LocatedAt } from "../../wire/generated";
import { Where } from "../guest/Where";
import { Part } from "./Part";
import { d } from "./words";

/** Where the customer's phone said that it was, each time. */
export function Location({ events }: { events: readonly Event[] }) {
	const places = events.flatMap((event): LocatedAt[] =>
		event.type === "located" ? [{ ...event.place, at_ms: event.at_ms }] : [],
	);
	if (places.length === 0) return null;
	return (
		<Part title={d("location")}>
			{places.map((place) => (
				<Where key={place.at_ms} place={place} />
			))}
		</Part>
	);
}
