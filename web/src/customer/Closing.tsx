import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { endWords, lengthWords } from "../ui/ended";
import { Rated } from "../ui/rated";
import { troubles } from "../ui/state";
import { HeldPictures } from "./HeldPictures";
import { Message } from "./Message";

export function CallEnded({ call }: { call: Call }) {
	const why = call.view.value.ended?.why ?? "agent_ended";
	const text = [endWords(call, why), lengthWords(call)].filter((part) => part !== null).join(" ");
	return (
		<Message title={t("call_ended")} text={text}>
			<p class="hint">
				{t("devices_off")} {t("close_page")}
			</p>
			{call.usedBytes.value > 0 && <p class="hint">{troubles.use()?.usedWords(call)}</p>}
			<HeldPictures call={call} />
			<Rated call={call} />
		</Message>
	);
}

export function Moved() {
	return (
		<Message title={t("moved")} text={t("moved_more")}>
			<Button large onClick={() => location.reload()}>
				{t("moved_back")}
			</Button>
		</Message>
	);
}
