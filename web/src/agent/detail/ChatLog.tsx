import { useMemo } from "preact/hooks";
import type { ChatLine } from "../../session/view";
import { Linked } from "../../ui/chat/Linked";
import type { Case } from "./case-api";
import { Part } from "./Part";
import { clockTime, iso } from "../times";
import { numbersOf } from "./timeline";
import { d } from "./words";

/** The chat as it was written; pictures stand in it by their numbers. */
export function ChatLog({ found }: { found: Case }) {
	const { detail, view, events } = found;
	const numbers = useMemo(() => numbersOf(events), [events]);
	const lines = [...view.lines];
	const name = (line: ChatLine): string =>
		line.seat === "agent" ? detail.agent_name : (detail.customer_name ?? d("customer"));
	return (
		<Part title={d("chat")}>
			{lines.length === 0 ? (
				<p class="hint">{d("chat_none")}</p>
			) : (
				<ol class="chat-log">
					{lines.map((line) => (
						<li key={line.seq} class={line.seat}>
							<p class="hint">
								<bdi>{name(line)}</bdi>, <time dateTime={iso(line.at_ms)}>{clockTime(line.at_ms)}</time>
							</p>
							{line.picture === null ? (
								<p class="said" dir="auto">
									<Linked text={line.text} />
								</p>
							) : (
								<p>
									<a href={`#picture-${line.picture.picture}`} onClick={show(line.picture.picture)}>
										{d("chat_picture", { n: numbers.get(line.picture.picture) ?? 0 })}
									</a>
								</p>
							)}
						</li>
					))}
				</ol>
			)}
		</Part>
	);
}

/** The address names the call, so a jump within the page must not change it. */
function show(picture: number): (event: MouseEvent) => void {
	return (event) => {
		event.preventDefault();
		const target = document.getElementById(`picture-${picture}`);
		target?.scrollIntoView({ block: "start" });
		target?.focus({ preventScroll: true });
	};
}
