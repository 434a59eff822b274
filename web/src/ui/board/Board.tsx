import "../../i18n/en-call";
import { computed, type ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import "./board.css";
import "./on-phone.css";
import { NO_ZOOM } from "../../ink/zoom";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { BoardState } from "../../link/picture/contract";
import { RoundButton } from "../buttons";
import { markOwn, forgetOwn } from "../picture-notices";
import { BackIcon, WholeIcon } from "../call-icons";
import { PointerDot } from "../pointer";
import { refusalWords } from "../refusals";
import { toast } from "../toasts";
import { Easel } from "./canvas";
import { type Hand, penHand } from "./hand";
import { handle, isField, ZOOM_STEP, zoomBy } from "./input";
import { Coming, CaptureNote } from "./Coming";
import { Rail } from "./Rail";

/** What one of the two pages adds to the board. */
export interface Toolset {
	hand: Hand;
	/**
	 * Handles a key; plain characters arrive only while the board has the focus. Returns whether
	 * it used the key.
	 */
	key?(event: KeyboardEvent, easel: Easel): boolean;
	/** How to use the canvas by keyboard; without it the canvas takes no focus. */
	howTo?: string;
	/** Shown beside the picture. */
	side?: (easel: Easel) => ComponentChildren;
	/** Shown over the picture. */
	over?: (easel: Easel) => ComponentChildren;
	/** Further buttons of the rail. */
	rail?: ComponentChildren;
	/** A further button for a picture that does not arrive. */
	failed?: ComponentChildren;
	/** The canvas received or lost the keyboard focus. */
	focus?(): void;
	blur?(): void;
	/** The space bar was pressed on the canvas without panning. */
	space?(): void;
}

interface BoardProps {
	call: Call;
	/** The other person. */
	name: string;
	/** Without it the board has only a pen, as on the customer's page. */
	tools?: (call: Call) => Toolset;
}

/** The picture both look at and draw on. The call goes on around it. */
export function Board({ call, name, tools }: BoardProps) {
	const picture = call.shared.board.value?.picture.id;
	return picture === undefined ? null : (
		<OpenBoard key={picture} call={call} name={name} {...(tools ? { tools } : {})} />
	);
}

function OpenBoard({ call, name, tools }: BoardProps) {
	const held = useMemo<Toolset>(() => tools?.(call) ?? { hand: penHand(call.shared) }, []);
	const easel = useMemo(() => new Easel(call, held.hand.inks), []);
	const section = useRef<HTMLElement>(null);
	const board = call.shared.board.value;
	// The pressed shutter is gone, so the board takes the focus, once the page is laid out.
	useEffect(() => {
		if (document.activeElement === document.body) section.current?.focus({ preventScroll: true });
	}, []);
	useKeys(section, easel, held);
	if (board === null) return null;
	const back = async (): Promise<void> => {
		markOwn(call, "close", board.picture.id);
		const refusal = await call.shared.backToLive(board.picture.id);
		if (refusal !== null) {
			forgetOwn(call, "close", board.picture.id);
			toast(refusalWords(refusal));
		}
	};
	return (
		<section class={held.side ? "board with-side" : "board"} ref={section} tabIndex={-1} aria-label={t("picture")}>
			<div class="board-top">
				<button type="button" class="back-to-live" onClick={() => void back()}>
					<BackIcon />
					<span>{t("back_to_live")}</span>
				</button>
				{!held.side && easel.zoom.value.factor > 1 && (
					<RoundButton name={t("whole_picture")} icon={WholeIcon} onClick={() => (easel.zoom.value = NO_ZOOM)} />
				)}
			</div>
			{held.side?.(easel)}
			<div class="easel">
				<Sheet call={call} name={name} easel={easel} tools={held} board={board} />
				<div class="easel-marks">
					<Coming call={call} board={board} />
				</div>
				<CaptureNote
					call={call}
					board={board}
					name={name}
					blank={easel.blank.value}
					onPaint={() => easel.again()}
					more={held.failed}
				/>
			</div>
			<Rail
				call={call}
				board={board}
				name={name}
				drawing={easel.inUse.value}
				more={held.rail}
				always={held.rail !== undefined}
			/>
		</section>
	);
}

interface SheetProps {
	call: Call;
	name: string;
	easel: Easel;
	tools: Toolset;
	board: BoardState;
}

/** The canvas and what is shown on it. */
function Sheet({ call, name, easel, tools, board }: SheetProps) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const under = useRef<HTMLCanvasElement>(null);
	const about = useId();
	useLayoutEffect(() => {
		const element = canvas.current;
		if (element === null || under.current === null) return;
		const stops = [easel.mount(element, under.current), handle(element, easel, tools.hand, () => tools.space?.())];
		return () => {
			for (const stop of stops) stop();
		};
	}, []);
	const own = board.strokes.filter(({ seat }) => seat === call.seat).length;
	const other = board.strokes.length - own;
	const reachable = tools.howTo !== undefined;
	return (
		<div class="sheet-box" {...(reachable ? { role: "application", "aria-label": t("picture") } : {})}>
			<div aria-hidden="true">
				<canvas ref={under} />
			</div>
			<canvas
				ref={canvas}
				role="img"
				aria-label={t("screenshot")}
				aria-describedby={about}
				tabIndex={reachable ? 0 : undefined}
				onFocus={(event) => {
					if (event.currentTarget.matches(":focus-visible:not(.by-hand)")) tools.focus?.();
				}}
				onBlur={() => tools.blur?.()}
			/>
			<p id={about} class="visually-hidden">
				{t("screenshot_strokes", { own, other, name })} {tools.howTo}
			</p>
			{board.base === null && <div class="easel-empty" aria-hidden="true" />}
			<OtherPointer call={call} easel={easel} name={name} />
			{tools.over?.(easel)}
		</div>
	);
}

/** Where the other person points on this picture. */
function OtherPointer({ call, easel, name }: { call: Call; easel: Easel; name: string }) {
	const spot = useMemo(() => pointed(call, easel), []);
	return spot.value === null ? null : <PointerDot spot={spot.value} name={name} />;
}

function pointed(call: Call, easel: Easel): ReadonlySignal<{ x: number; y: number } | null> {
	return computed(() => {
		const pointer = call.shared.pointer.value;
		if (pointer === null || pointer.picture !== (call.shared.board.value?.picture.id ?? null)) return null;
		return easel.lies.value?.spot(pointer.at) ?? null;
	});
}

function useKeys(section: { current: HTMLElement | null }, easel: Easel, tools: Toolset): void {
	useEffect(() => {
		const press = (event: KeyboardEvent): void => {
			// Dialogs, the chat and text fields have their own keys.
			if (event.defaultPrevented || isField(event.target) || document.querySelector("dialog[open]") !== null) return;
			if (event.target instanceof Element && event.target.closest(".chat") !== null) return;
			// Speech input may type stray letters: plain characters act only while the board has
			// the focus (WCAG 2.1.4).
			const plain = event.key.length === 1 && !event.ctrlKey && !event.metaKey;
			if (plain && !(event.target instanceof Node && section.current?.contains(event.target))) return;
			if (tools.key?.(event, easel)) {
				event.preventDefault();
				return;
			}
			if (event.ctrlKey || event.metaKey || event.altKey) return;
			if (event.key === "+" || event.key === "=") zoomBy(easel, ZOOM_STEP);
			else if (event.key === "-") zoomBy(easel, 1 / ZOOM_STEP);
			else if (event.key === "0") easel.zoom.value = NO_ZOOM;
			else return;
			event.preventDefault();
		};
		addEventListener("keydown", press);
		return () => removeEventListener("keydown", press);
	}, []);
}
