// What only the agent's board has: the tools, the keyboard, text, and clearing all strokes.

import "../../i18n/en-call";
import "./toolset.css";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { Toolset } from "../../ui/board/Board";
import type { Easel } from "../../ui/board/canvas";
import { Button, RoundButton } from "../../ui/buttons";
import { Dialog } from "../../ui/dialog";
import { isComposing } from "../../ui/enter";
import { refusalWords } from "../../ui/refusals";
import { toast } from "../../ui/toasts";
import { LABEL_TEXT_MAX } from "../../wire/generated";
import { ClearIcon } from "../icons";
import { w } from "../words";
import { AgentHand } from "./hand";
import { begin, pressed } from "./keys";
import { Tools } from "./Tools";

export function agentTools(call: Call): Toolset {
	const hand = new AgentHand(call.shared);
	return {
		hand,
		key: (event, easel) => pressed(event, easel, hand, call.shared),
		howTo: w("canvas_how"),
		side: (easel) => <Tools hand={hand} easel={easel} />,
		over: (easel) => <Over hand={hand} easel={easel} />,
		rail: <Clear call={call} />,
		failed: <GoOn call={call} />,
		focus: () => begin(hand),
		space: () => {
			begin(hand);
			hand.press();
		},
		blur: () => {
			hand.cursor.value = null;
		},
	};
}

/** The cursor, the start of a shape, the field for a text, and announcements. */
function Over({ hand, easel }: { hand: AgentHand; easel: Easel }) {
	const cursor = useComputed(() =>
		hand.cursor.value === null ? null : (easel.lies.value?.spot(hand.cursor.value) ?? null),
	);
	const start = useComputed(() =>
		hand.start.value === null ? null : (easel.lies.value?.spot(hand.start.value) ?? null),
	);
	return (
		<>
			{start.value !== null && (
				<i class="start-mark" style={{ transform: `translate(${start.value.x}px, ${start.value.y}px)` }} />
			)}
			{cursor.value !== null && (
				<i class="key-cursor" style={{ transform: `translate(${cursor.value.x}px, ${cursor.value.y}px)` }} />
			)}
			{hand.writing.value !== null && <Writing hand={hand} easel={easel} />}
			<Said hand={hand} />
		</>
	);
}

/** A field at the text's place. Leaving it places the text; Escape drops it. */
function Writing({ hand, easel }: { hand: AgentHand; easel: Easel }) {
	const field = useRef<HTMLInputElement>(null);
	const spot = useComputed(() =>
		hand.writing.value === null ? null : (easel.lies.value?.spot(hand.writing.value) ?? null),
	);
	useLayoutEffect(() => {
		const before = document.activeElement;
		field.current?.focus({ preventScroll: true });
		return () => {
			if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
		};
	}, []);
	if (spot.value === null) return null;
	const { x, y } = spot.value;
	const room = Math.max(140, easel.box.value.width - x - 8);
	const left = Math.max(4, Math.min(x, easel.box.value.width - room - 4));
	return (
		<input
			ref={field}
			class="writing"
			type="text"
			aria-label={w("text_on_picture")}
			placeholder={w("text_on_picture")}
			maxLength={LABEL_TEXT_MAX}
			dir="auto"
			enterkeyhint="done"
			autoComplete="off"
			style={{ transform: `translate(${left}px, ${y}px) translateY(-50%)`, maxWidth: `${room}px` }}
			onKeyDown={(event) => {
				if (isComposing(event)) return;
				if (event.key === "Enter") hand.write(event.currentTarget.value);
				else if (event.key === "Escape") hand.giveUp();
				else return;
				event.preventDefault();
				event.stopPropagation();
			}}
			onBlur={(event) => hand.write(event.currentTarget.value)}
		/>
	);
}

/** Announces what happened, once the cursor rests. */
function Said({ hand }: { hand: AgentHand }) {
	const words = useSignal("");
	useEffect(() => {
		const timer = setTimeout(() => {
			words.value = hand.announcement.value;
		}, RESTS_MS);
		return () => clearTimeout(timer);
	}, [hand.announcement.value]);
	return (
		<p class="visually-hidden" aria-live="polite">
			{words.value}
		</p>
	);
}

function Clear({ call }: { call: Call }) {
	/** The picture that the question is about. */
	const asking = useSignal<number | null>(null);
	const clear = async (picture: number): Promise<void> => {
		close();
		const refusal = await call.shared.clear(picture);
		if (refusal !== null) toast(refusalWords(refusal));
	};
	const close = (): void => {
		asking.value = null;
	};
	const open = call.shared.board.value;
	const asked = asking.value;
	return (
		<>
			<RoundButton
				name={w("clear")}
				icon={ClearIcon}
				unable={open?.canClear ? null : w("clear_nothing")}
				onClick={() => (asking.value = open?.picture.id ?? null)}
			/>
			{asked !== null && (
				<Dialog title={w("clear_ask")} onClose={close}>
					<p>{w("clear_more")}</p>
					<div class="actions">
						<Button onClick={close}>{t("cancel")}</Button>
						<Button kind="danger" onClick={() => void clear(asked)}>
							{w("clear_yes")}
						</Button>
					</div>
				</Dialog>
			)}
		</>
	);
}

/** Uses the frame on the agent's screen as the picture. */
function GoOn({ call }: { call: Call }) {
	const busy = useSignal(false);
	const goOn = async (): Promise<void> => {
		busy.value = true;
		const refusal = await call.shared.usePreviewFrame();
		busy.value = false;
		if (refusal === "upload_failed" || refusal === "canvas_blocked") toast(t("capture_upload_failed"));
		else if (refusal !== null) toast(refusalWords(refusal));
	};
	return (
		<Button busy={busy.value} disabled={busy.value} onClick={() => void goOn()}>
			{w("go_on")}
		</Button>
	);
}

const RESTS_MS = 350;
