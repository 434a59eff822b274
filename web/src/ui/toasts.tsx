import { signal } from "@preact/signals";
import { t } from "../i18n";
import { CloseIcon, WarningIcon } from "./icons";

interface Toast {
	id: number;
	text: string;
	trouble: boolean;
	offer: Offer | undefined;
}

/** A button in a notice. */
export interface Offer {
	name: string;
	take(): void;
}

const toasts = signal<readonly Toast[]>([]);
let newest = 0;

/** Shows an error. A text that is still shown is not repeated. */
export function toast(text: string): void {
	show(text, true, TROUBLE_MS);
}

/** Shows a short notice, a little longer when it offers something. */
export function note(text: string, offer?: Offer): void {
	if (text !== "") show(text, false, offer === undefined ? NOTE_MS : OFFER_MS, offer);
}

/** Removes notices, which belong to the screen that showed them. */
export function clearNotes(): void {
	toasts.value = toasts.peek().filter((shown) => shown.trouble);
}

function show(text: string, trouble: boolean, for_ms: number, offer?: Offer): void {
	if (toasts.peek().some((shown) => shown.text === text)) return;
	const id = ++newest;
	toasts.value = [...toasts.peek(), { id, text, trouble, offer }].slice(-3);
	setTimeout(() => dismiss(id), for_ms);
}

function dismiss(id: number): void {
	toasts.value = toasts.peek().filter((shown) => shown.id !== id);
}

export function Toasts() {
	return (
		<div class="toasts">
			<div role="alert">{toasts.value.filter(({ trouble }) => trouble).map(line)}</div>
			<div role="status">{toasts.value.filter(({ trouble }) => !trouble).map(line)}</div>
		</div>
	);
}

function line({ id, text, trouble, offer }: Toast) {
	const take = (): void => {
		dismiss(id);
		offer?.take();
	};
	return (
		<div key={id} class={trouble ? "toast trouble" : "toast"}>
			{trouble && <WarningIcon />}
			<p>{text}</p>
			{offer && (
				<button type="button" class="bare offer" onClick={take}>
					{offer.name}
				</button>
			)}
			<button type="button" class="bare" aria-label={t("dismiss")} onClick={() => dismiss(id)}>
				<CloseIcon />
			</button>
		</div>
	);
}

const TROUBLE_MS = 8_000;
const NOTE_MS = 4_000;
const OFFER_MS = 5_000;
