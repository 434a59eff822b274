import { signal } from "@preact/signals";
import { t } from "../i18n";
import { CloseIcon, WarningIcon } from "./icons";

interface Toast {
	id: number;
	text: string;
	trouble: boolean;
}

const toasts = signal<readonly Toast[]>([]);
let newest = 0;

/** Shows an error. A text that is still shown is not repeated. */
export function toast(text: string): void {
	show(text, true, TROUBLE_MS);
}

/** Shows a short notice. */
export function note(text: string): void {
	show(text, false, NOTE_MS);
}

/** Removes notices, which belong to the screen that showed them. */
export function clearNotes(): void {
	toasts.value = toasts.peek().filter((shown) => shown.trouble);
}

function show(text: string, trouble: boolean, for_ms: number): void {
	if (toasts.peek().some((shown) => shown.text === text)) return;
	const id = ++newest;
	toasts.value = [...toasts.peek(), { id, text, trouble }].slice(-3);
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

function line({ id, text, trouble }: Toast) {
	return (
		<div key={id} class={trouble ? "toast trouble" : "toast"}>
			{trouble && <WarningIcon />}
			<p>{text}</p>
			<button type="button" class="bare" aria-label={t("dismiss")} onClick={() => dismiss(id)}>
				<CloseIcon />
			</button>
		</div>
	);
}

const TROUBLE_MS = 8_000;
const NOTE_MS = 4_000;
