// Presses the button of a deed, as a hand does: what a button cannot do now, its key cannot either.

import "../../i18n/en-call";
import { t } from "../../i18n";
import { g } from "../guest/words";
import { w } from "../words";
import { type Deed, deedOf } from "./deeds";
import { listed, single } from "./wish";

/** Returns what stops it. */
export function followKeys(): () => void {
	const press = (event: KeyboardEvent): void => {
		if (event.defaultPrevented || isBusy(event.target)) return;
		const deed = deedOf(event, single.peek());
		if (deed === null) return;
		if (deed === "help") listed.value = true;
		else buttonOf(deed)?.click();
		event.preventDefault();
	};
	addEventListener("keydown", press);
	return () => removeEventListener("keydown", press);
}

/** The person types, chooses in a list, or answers a question. */
function isBusy(target: EventTarget | null): boolean {
	if (document.querySelector("dialog[open]") !== null) return true;
	return (
		target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
	);
}

function buttonOf(deed: Exclude<Deed, "help">): HTMLElement | undefined {
	if (deed === "next" || deed === "previous") return pictureBeside(deed === "next" ? 1 : -1);
	const name = NAMES[deed]();
	return [...document.querySelectorAll<HTMLElement>(".call button")].find(
		(button) => (button.ariaLabel ?? button.textContent.trim()) === name && button.checkVisibility(),
	);
}

/** The strip's picture beside the open one; without one the newest or oldest. */
function pictureBeside(step: 1 | -1): HTMLElement | undefined {
	const all = [...document.querySelectorAll<HTMLElement>(".strip button")];
	const open = all.findIndex((one) => one.ariaCurrent === "true");
	if (open === -1) return step === 1 ? all[0] : all.at(-1);
	return all[open + step];
}

/** The accessible name of each deed's button. */
export const NAMES: Readonly<Record<Exclude<Deed, "help" | "next" | "previous">, () => string>> = {
	microphone: () => t("microphone"),
	camera: () => t("camera"),
	screenshot: () => t("take_screenshot"),
	chat: () => t("chat"),
	undo: () => t("undo_single"),
	redo: () => t("redo"),
	send: () => t("send_annotation"),
	clear: () => w("clear"),
	live: () => t("back_to_live"),
	link: () => w("renew"),
	settings: () => w("settings"),
	guest_flip: () => g("flip"),
	guest_torch: () => g("torch"),
	guest_place: () => g("location"),
	delete: () => t("delete_picture"),
	end: () => t("end_call"),
};
