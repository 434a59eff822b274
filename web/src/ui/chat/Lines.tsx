import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { ChatLines } from "../../session/chat-lines";
import { newestOf } from "../../session/newest-lines";
import { Unread } from "../../session/unread";
import type { ChatLine } from "../../session/view";
import { RoundButton } from "../buttons";
import { icon } from "../icons";
import { useSoon } from "../soon";
import { Line } from "./Line";
import { Roll } from "./roll";

interface LinesProps {
	call: Call;
	/** The other person. */
	name: string;
}

/** The lines of the chat. Only those around what is seen are in the page. */
export function Lines({ call, name }: LinesProps) {
	const { lines } = call.view.value;
	const log = useRef<HTMLDivElement>(null);
	const roll = useMemo(() => new Roll(call.view.peek().lines), [call]);
	void roll.changed.value;
	const { from, to } = roll.stretch(lines, ownNewest(call, lines));
	// The press that opens the chat does not wait for them.
	const come = useSoon();
	const shown = Array.from({ length: to - from }, (_, at) => lines.at(from + at) as ChatLine);
	useLayoutEffect(() => (log.current === null || !come ? undefined : roll.rendered(log.current)));
	useLayoutEffect(() => {
		const watcher = new ResizeObserver(() => roll.resized());
		if (log.current !== null) watcher.observe(log.current);
		return () => watcher.disconnect();
	}, [roll]);
	const jump = (where: "toStart" | "toEnd"): void => {
		roll[where]();
		log.current?.focus({ preventScroll: true });
	};
	return (
		<div class="roll">
			<div
				class="lines"
				ref={log}
				role="log"
				aria-label={t("chat")}
				// Older lines come into it, too.
				aria-live={roll.quiet.value || roll.away.value ? "off" : "polite"}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it.
				tabIndex={0}
				onScroll={() => roll.scrolled()}
				onKeyDown={(event) => {
					if (event.target !== log.current || (event.key !== "Home" && event.key !== "End")) return;
					event.preventDefault();
					jump(event.key === "Home" ? "toStart" : "toEnd");
				}}
			>
				{lines.length === 0 && <p class="empty">{t("chat_empty")}</p>}
				{(come ? shown : []).map((line, index) => (
					<Line key={keyOf(line, from + index)} call={call} line={line} name={name} />
				))}
			</div>
			{roll.away.value && <Newest call={call} lines={lines} onClick={() => jump("toEnd")} />}
			{roll.away.value && <Heard call={call} lines={lines} name={name} />}
		</div>
	);
}

/** The key of the newest line, if it is an own one. */
function ownNewest(call: Call, lines: ChatLines): string | null {
	const last = lines.at(lines.length - 1);
	return last?.seat === call.seat ? keyOf(last, lines.length - 1) : null;
}

/** An own line keeps its key when it turns from sending into sent. */
function keyOf({ n, seq }: ChatLine, index: number): string {
	if (n !== null) return `n${n}`;
	return seq === null ? `i${index}` : `s${seq}`;
}

/** Leads back to the newest lines, and counts those that came since they were out of sight. */
function Newest({ call, lines, onClick }: { call: Call; lines: ChatLines; onClick: () => void }) {
	const seen = useMemo(() => newestOf(lines), []);
	const counter = useMemo(() => new Unread(call.seat), [call]);
	const unread = counter.count(lines, seen);
	return (
		<RoundButton
			name={t("chat_newest")}
			icon={NewestIcon}
			kind="newest"
			badge={unread}
			{...(unread > 0 ? { description: t("chat_unread", { n: unread }) } : {})}
			onClick={onClick}
		/>
	);
}

/** Lets screen readers say the other person's new lines while they are out of sight. */
function Heard({ call, lines, name }: { call: Call; lines: ChatLines; name: string }) {
	const since = useMemo(() => newestOf(lines), []);
	const newest = Array.from({ length: SAID_AT_ONCE }, (_, at) => lines.at(lines.length - SAID_AT_ONCE + at));
	return (
		<div class="visually-hidden" aria-live="polite">
			{newest.map((line) =>
				line === undefined || line.seat === call.seat || (line.seq ?? 0) <= since ? null : (
					<p key={line.seq}>
						{line.picture === null ? `${name}: ${line.text}` : `${t("picture")}: ${t("picture_of", { name })}`}
					</p>
				),
			)}
		</div>
	);
}

const SAID_AT_ONCE = 3;

const NewestIcon = icon("M12 4.500v14M5.500 12l6.500 6.500 6.500-6.500");
