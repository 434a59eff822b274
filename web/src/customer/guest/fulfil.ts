// Does what the agent asked for and the customer allowed.

import { t } from "../../i18n";
import type { Call } from "../../link/call";
import { controlsOf, setTorch } from "../../link/media/controls";
import { locate } from "../../link/media/whereabouts";
import type { GuestRequest } from "../../session/guest";
import { note, toast } from "../../ui/toasts";
import type { GuestAnswer, GuestWish } from "../../wire/generated";
import type { Switches } from "../switches";
import { cameraOf, tellControls } from "./obey";

/** Requests that this page has begun to fulfil. A reload forgets them. */
const begun = new Set<number>();

export async function allow(call: Call, request: GuestRequest, switches: Switches, agent: string) {
	const asked = request.id;
	begun.add(asked);
	void call.guest({ type: "answer", asked, answer: "allowed" });
	if (request.wish === "location") return tellPlace(call, asked, agent);
	const answer = await fulfil(call, request.wish, switches);
	tellControls(call);
	void call.guest({ type: "answer", asked, answer });
}

/**
 * The page was loaded again before it was answered or done. `loaded_ms`: when that was, by the
 * server's clock. What a person saw a while ago is not asked again.
 */
export function wasInterrupted({ id, answer, since_ms }: GuestRequest, loaded_ms: number): boolean {
	return answer === "allowed" ? !begun.has(id) : answer === null && since_ms < loaded_ms;
}

async function fulfil(call: Call, wish: Exclude<GuestWish, "location">, switches: Switches): Promise<GuestAnswer> {
	switch (wish) {
		case "microphone":
		case "camera": {
			await switches.turn(wish, true);
			if (call.media.peek()[wish]) return "done";
			const { cameraTrouble, microphoneTrouble } = call.devices;
			return (wish === "camera" ? cameraTrouble : microphoneTrouble).peek() ?? "busy";
		}
		case "flip": {
			if (!call.devices.canFlip.peek()) return "absent";
			if (await call.flip()) return "done";
			toast(t("flip_failed"));
			return "busy";
		}
		case "torch":
			return light(call);
	}
}

async function light(call: Call): Promise<GuestAnswer> {
	const track = cameraOf(call);
	if (track === undefined || controlsOf(track).torch === undefined) return "absent";
	if (await setTorch(track, true)) return "done";
	toast(t("guest_torch_failed"));
	return "busy";
}

async function tellPlace(call: Call, asked: number, agent: string): Promise<void> {
	note(t("guest_locating"));
	const found = await locate();
	if (typeof found === "string") {
		toast(t(found === "denied" ? "guest_location_denied" : "guest_location_failed"));
		void call.guest({ type: "answer", asked, answer: found });
		return;
	}
	const refused = await call.guest({ type: "locate", asked, place: found });
	if (refused === null) note(t("guest_located", { agent }));
}
