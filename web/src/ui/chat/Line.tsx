import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { ChatLine } from "../../session/view";
import { Linked } from "./Linked";
import { Sent } from "./Sent";

/** One message or picture: own ones in blue at the end side, others in white at the start side. */
export function Line({ call, line, name }: { call: Call; line: ChatLine; name: string }) {
	const own = line.seat === call.seat;
	return (
		<div class={own ? "line own" : "line other"}>
			{line.picture === null ? (
				<p class="bubble" dir="auto">
					<Linked text={line.text} />
				</p>
			) : (
				<Sent
					call={call}
					sent={line.picture}
					at_ms={line.at_ms}
					description={`${own ? t("picture_of_you") : t("picture_of", { name })}, ${clockTime(line.at_ms)}`}
				/>
			)}
			<div class="meta">
				<time dateTime={new Date(line.at_ms).toISOString()}>{clockTime(line.at_ms)}</time>
				{own && <span class={line.state}>{t(`chat_${line.state}`)}</span>}
				{line.state === "failed" && line.n !== null && (
					<button type="button" class="bare" onClick={() => call.sayAgain(line.n ?? 0)}>
						{t("try_again")}
					</button>
				)}
			</div>
		</div>
	);
}

function clockTime(at_ms: number): string {
	return clock.format(at_ms);
}

/** Made once: making it takes longer than all the rest of a line. */
const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", numberingSystem: "latn" });
