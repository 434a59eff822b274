import { useMemo } from "preact/hooks";
import { language } from "../../i18n";
import type { Event } from "../../wire/generated";
import { Part } from "./Part";
import { timeline } from "./timeline";
import { clockTime, iso } from "../times";
import { d } from "./words";

/** What happened, one line an event. */
export function Timeline({ events }: { events: readonly Event[] }) {
	const lines = useMemo(() => timeline(events), [events, language.value]);
	return (
		<Part title={d("timeline")}>
			<ol class="timeline">
				{lines.map(({ seq, at_ms, text, trouble }) => (
					<li key={seq} class={trouble ? "trouble" : undefined}>
						<time dateTime={iso(at_ms)}>{clockTime(at_ms)}</time>
						<span>{text}</span>
					</li>
				))}
			</ol>
		</Part>
	);
}
