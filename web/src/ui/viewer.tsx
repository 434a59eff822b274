import "../i18n/en-call";
import { signal, type Signal, useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Size } from "../ink/geometry";
import { NO_ZOOM, panned, pinched, placed, type Zoom, zoomedAt } from "../ink/zoom";
import { t } from "../i18n";
import type { Call } from "../link/call";
import type { SentView } from "../session/view";
import "./board/board.css";
import { contactOf, wheelFactor } from "./board/contact";
import { Gesture } from "./board/gesture";
import { Button, RoundButton } from "./buttons";
import { SaveIcon, WholeIcon } from "./call-icons";
import { CloseIcon } from "./icons";
import { useLoaded } from "./loaded";

interface ViewerProps {
	call: Call;
	sent: SentView;
	at_ms: number;
	onClose: () => void;
}

/** Shows a picture of the chat in full screen, to zoom and to save. */
export function Viewer({ call, sent, at_ms, onClose }: ViewerProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	const stage = useRef<HTMLDivElement>(null);
	const box = useSignal<Size>({ width: 0, height: 0 });
	const zoom = useMemo(() => signal<Zoom>(NO_ZOOM), []);
	const { url, failed, again } = useLoaded(call, { of: "sent", picture: sent.picture, through: sent.through });
	const place = useComputed(() => placed(sent, box.value, zoom.value));
	useLayoutEffect(() => {
		const element = dialog.current;
		element?.showModal();
		return () => element?.close();
	}, []);
	useLayoutEffect(() => (stage.current === null ? undefined : look(stage.current, sent, box, zoom)), []);
	const save = (): void => {
		if (url === null) return;
		const link = document.createElement("a");
		link.href = url;
		link.download = call.shared.fileName(sent, at_ms);
		link.click();
	};
	const { scale, x, y } = place.value;
	return (
		<dialog
			class="viewer"
			ref={dialog}
			aria-label={t("picture")}
			onCancel={(event) => {
				event.preventDefault();
				onClose();
			}}
			onClose={() => {
				if (dialog.current !== null) onClose();
			}}
			onKeyDown={(event) => zoomByKey(event.key, sent, box.peek(), zoom)}
		>
			<div class="viewer-stage" ref={stage}>
				{url !== null && (
					<img
						src={url}
						alt={t("picture")}
						width={sent.width}
						height={sent.height}
						draggable={false}
						style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}
					/>
				)}
			</div>
			{url === null && <Missing failed={failed} onRetry={again} />}
			<div class="viewer-bar">
				{zoom.value.factor > 1 && (
					<RoundButton name={t("whole_picture")} icon={WholeIcon} onClick={() => (zoom.value = NO_ZOOM)} />
				)}
				<RoundButton name={t("save_picture")} icon={SaveIcon} disabled={url === null} onClick={save} />
				<RoundButton name={t("close_picture")} icon={CloseIcon} onClick={onClose} />
			</div>
		</dialog>
	);
}

function Missing({ failed, onRetry }: { failed: boolean; onRetry: () => void }) {
	return (
		<div class="viewer-wait" role="status">
			<p>{t(failed ? "picture_unloadable" : "loading")}</p>
			{failed && <Button onClick={onRetry}>{t("try_again")}</Button>}
		</div>
	);
}

function zoomByKey(key: string, picture: Size, box: Size, zoom: Signal<Zoom>): void {
	const by = { "+": KEY_STEP, "=": KEY_STEP, "-": 1 / KEY_STEP }[key];
	const middle = { x: box.width / 2, y: box.height / 2 };
	if (by !== undefined) zoom.value = zoomedAt(zoom.peek(), picture, box, middle, by);
	else if (key === "0") zoom.value = NO_ZOOM;
}

/**
 * One finger or the mouse pans, two fingers and the wheel zoom, a double tap zooms in or shows the
 * whole picture. Returns a function that stops.
 */
function look(element: HTMLElement, picture: Size, box: Signal<Size>, zoom: Signal<Zoom>): () => void {
	const measure = (): void => {
		box.value = { width: element.clientWidth, height: element.clientHeight };
	};
	measure();
	const observer = new ResizeObserver(measure);
	observer.observe(element);
	let last: { x: number; y: number } | null = null;
	const gesture = new Gesture({
		begin: (at) => {
			last = at;
		},
		add(trail) {
			const at = trail.at(-1);
			if (at === undefined || last === null) return;
			zoom.value = panned(zoom.peek(), picture, box.peek(), at.x - last.x, at.y - last.y);
			last = at;
		},
		finish: () => undefined,
		drop: () => undefined,
		tap: () => undefined,
		doubleTap(at) {
			zoom.value = zoom.peek().factor > 1 ? NO_ZOOM : zoomedAt(zoom.peek(), picture, box.peek(), at, 2.5);
		},
		show(at) {
			this.doubleTap(at);
		},
		takeBack: () => undefined,
		pan: ({ x, y }) => {
			zoom.value = panned(zoom.peek(), picture, box.peek(), x, y);
		},
		pinch: (from, to) => {
			zoom.value = pinched(zoom.peek(), picture, box.peek(), from, to);
		},
	});
	const down = (event: PointerEvent): void => {
		if (event.button !== 0 || !gesture.down(contactOf(event, element), false)) return;
		element.setPointerCapture(event.pointerId);
	};
	const move = (event: PointerEvent): void => gesture.move(contactOf(event, element));
	const up = (event: PointerEvent): void => gesture.up(contactOf(event, element));
	const cancel = (event: PointerEvent): void => gesture.cancel(event.pointerId);
	const wheel = (event: WheelEvent): void => {
		event.preventDefault();
		const { left, top } = element.getBoundingClientRect();
		const at = { x: event.clientX - left, y: event.clientY - top };
		zoom.value = zoomedAt(zoom.peek(), picture, box.peek(), at, wheelFactor(event));
	};
	element.addEventListener("pointerdown", down);
	element.addEventListener("pointermove", move);
	element.addEventListener("pointerup", up);
	element.addEventListener("pointercancel", cancel);
	element.addEventListener("wheel", wheel, { passive: false });
	return () => observer.disconnect();
}

const KEY_STEP = 1.5;
