import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { later } from "../ui/later";
import { LONG_MS, useLong } from "../ui/loading";
import { call, devices, joining } from "./page";

/** Confirms the tap on Join and says what it waits for. */
export function Joining() {
	const waits = joining.value && devices.asking.value === null && !call.value?.socketBlocked.value;
	return waits ? <Words /> : null;
}

/** What keeps the page from joining. */
export function SocketBlocked() {
	return call.value?.socketBlocked.value ? <Blocked /> : null;
}

const trust = later(() => import("./Trust"));

/** No WebSocket opens: what to do about it. */
export function Blocked() {
	const words = useRef<HTMLParagraphElement>(null);
	// On a small screen it may lie below the fold.
	useEffect(() => words.current?.scrollIntoView({ block: "nearest" }), []);
	const part = trust.use();
	const sentence = (
		<p class="hint strong" ref={words}>
			{t("socket_blocked")}
		</p>
	);
	return part === null ? sentence : <part.Trust>{sentence}</part.Trust>;
}

function Words() {
	const long = useLong(LONG_MS);
	const lost = call.value?.connection.value.state === "reconnecting";
	return (
		<p>
			{t("joining")} {lost ? t("reconnecting_socket") : long && t("loading_long")}
		</p>
	);
}
