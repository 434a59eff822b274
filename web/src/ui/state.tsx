import "../i18n/en-live";
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call, ConnectionState } from "../link/call";
import { opposite } from "../wire/seats";
import { minutes, now } from "./clock";
import { later } from "./later";
import { refusalWords } from "./refusals";
import { clearNotes, note, toast } from "./toasts";

/** How long both have been in the call, by the server's clock. */
export function CallTimer({ call }: { call: Call }) {
	const since = call.view.value.live_since_ms;
	const until = call.view.value.ended?.at_ms ?? now.value + call.clockOffset.value;
	return (
		<div class="pill timer" role="timer" translate={false} aria-label={t("call_time")}>
			{minutes(since === null ? 0 : until - since)}
		</div>
	);
}

/** The state of the connection in a word or two, always in the same place. */
export function ConnectionStatus({ connection }: { connection: ReadonlySignal<ConnectionState> }) {
	const is = connection.value;
	const retry = is.state === "reconnecting" ? Math.ceil(is.retry_in_s) : 0;
	return (
		<div class={`pill connection ${is.state}`} role="status" aria-label={t("connection")}>
			<i aria-hidden="true" />
			<span>{t(`connection_${is.state}`)}</span>
			{retry > 0 && <span aria-hidden="true"> · {retry} s</span>}
		</div>
	);
}

/** Explains a bad connection in a sentence and says what to do. Empty while all is well. */
export function ConnectionBanner({ call, name }: { call: Call; name: string }) {
	const words = bannerWords(call, name);
	if (words === null) return null;
	const is = call.connection.value;
	const own = is.state === "reconnecting" && is.lost !== "other_person";
	return (
		<div class="banner">
			<p>{words}</p>
			{own && (
				<button type="button" class="button plain" onClick={() => call.retryNow()}>
					{t("try_now")}
				</button>
			)}
		</div>
	);
}

function bannerWords(call: Call, name: string): string | null {
	const other = call.view.value.seats[opposite(call.seat)];
	const is = call.connection.value;
	const runs = is.state === "live" || is.state === "weak";
	if (call.socketBlocked.value && !runs) return t("socket_blocked");
	if (call.held.value && is.state !== "reconnecting") return t("server_holds");
	if (is.state === "reconnecting" && is.lost === "socket") return t("reconnecting_socket");
	if (is.state === "reconnecting" && is.lost === "media") return troubleWords(call, name) ?? t("reconnecting_media");
	if (other.away === "left") return t("left_more", { name });
	const missing = is.state === "reconnecting";
	if (missing && call.view.value.lobby === "connection_blocked" && call.seat === "agent")
		return t("socket_blocked_of", { name });
	if (missing) return t("reconnecting_other", { name });
	if (is.state !== "paused") return troubles.use()?.linkWords(call, name) ?? troubleWords(call, name);
	if (is.whose === "own") return t("paused_own");
	return t(is.what === "camera" ? "paused_camera_of" : "paused_more", { name });
}

/** Loaded in the call's first moments: it has words for a server that is not there. */
export const troubles = later(() => import("./media-trouble"));

function troubleWords(call: Call, name: string): string | null {
	return call.mediaTrouble.value && (troubles.use()?.mediaTroubleWords(call, name) ?? null);
}

/**
 * Shows when the other person turns a device on or off, what takes the place of an own device that
 * went away, and what the server refused.
 */
export function useNotices(call: Call, name: string): void {
	const other = call.view.value.seats[opposite(call.seat)];
	const before = useRef(other);
	useEffect(() => clearNotes, []);
	useEffect(() => {
		const was = before.current;
		before.current = other;
		if (!was.joined || !other.joined) return;
		if (was.microphone !== other.microphone) {
			note(t(other.microphone ? "microphone_on_of" : "microphone_off_of", { name }));
		}
		if (was.camera !== other.camera) note(t(other.camera ? "camera_on_of" : "camera_off_of", { name }));
	}, [other.joined, other.microphone, other.camera]);
	const replacement = call.devices.replacement.value;
	const known = useRef(replacement);
	useEffect(() => {
		if (replacement === null || replacement === known.current) return;
		known.current = replacement;
		const kind = replacement.kind === "video" ? "camera" : "microphone";
		note(t("device_now", { device: replacement.label || t(kind) }));
	}, [replacement]);
	useEffect(() => troubles.preload(), []);
	const weak = call.connection.value.state === "weak";
	useEffect(() => {
		if (weak) note(t("weak_more"));
	}, [weak]);
	const refusal = call.refusal.value;
	useEffect(() => {
		if (refusal === null) return;
		toast(refusalWords(refusal));
		call.dismiss();
	}, [refusal]);
}
