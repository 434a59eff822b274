import { useRef } from "preact/hooks";
import { NO_ZOOM } from "../../ink/zoom";
import { t } from "../../i18n";
import type { Easel } from "../../ui/board/canvas";
import { ZOOM_STEP, zoomBy } from "../../ui/board/input";
import { WholeIcon } from "../../ui/call-icons";
import type { Icon } from "../../ui/icons";
import {
	ArrowIcon,
	BoxIcon,
	CircleIcon,
	PenIcon,
	PointerIcon,
	StepIcon,
	TextIcon,
	ZoomInIcon,
	ZoomOutIcon,
} from "../icons";
import { w } from "../words";
import { type AgentHand, type BoardTool, TOOLS } from "./hand";

/** The tools, a pointer for screens without a mouse, and the zoom. */
export function Tools({ hand, easel }: { hand: AgentHand; easel: Easel }) {
	const group = useRef<HTMLDivElement>(null);
	const { factor } = easel.zoom.value;
	const turn = (by: number): void => {
		const next = TOOLS[(TOOLS.indexOf(hand.tool.peek()) + by + TOOLS.length) % TOOLS.length] ?? "pen";
		hand.choose(next);
		group.current?.querySelector<HTMLElement>(`[data-tool="${next}"]`)?.focus();
	};
	return (
		<div class="board-side">
			<div
				class="tools"
				role="radiogroup"
				aria-label={w("tools")}
				ref={group}
				onKeyDown={(event) => {
					const by = TURNS[event.key]?.(document.documentElement.dir === "rtl" ? -1 : 1);
					if (by === undefined) return;
					event.preventDefault();
					event.stopPropagation();
					turn(by);
				}}
			>
				{TOOLS.map((tool, at) => (
					<ToolButton key={tool} hand={hand} tool={tool} place={at + 1} />
				))}
			</div>
			<div class="zooms">
				<button
					type="button"
					class="tool touch-only"
					aria-label={w("pointer")}
					title={w("pointer")}
					aria-pressed={hand.pointing.value}
					onClick={() => (hand.pointing.value = !hand.pointing.peek())}
				>
					<PointerIcon />
				</button>
				<ZoomButton
					name={w("zoom_out")}
					icon={ZoomOutIcon}
					off={factor <= 1}
					onClick={() => zoomBy(easel, 1 / ZOOM_STEP)}
				/>
				<ZoomButton name={w("zoom_in")} icon={ZoomInIcon} off={false} onClick={() => zoomBy(easel, ZOOM_STEP)} />
				<ZoomButton
					name={t("whole_picture")}
					icon={WholeIcon}
					off={factor <= 1}
					onClick={() => (easel.zoom.value = NO_ZOOM)}
				/>
			</div>
		</div>
	);
}

function ToolButton({ hand, tool, place }: { hand: AgentHand; tool: BoardTool; place: number }) {
	const chosen = hand.tool.value === tool && !hand.pointing.value;
	const Shown = ICONS[tool];
	return (
		<button
			type="button"
			class="tool"
			role="radio"
			data-tool={tool}
			aria-label={w(`tool_${tool}`)}
			aria-checked={chosen}
			aria-keyshortcuts={String(place)}
			title={`${w(`tool_${tool}`)} (${place})`}
			tabIndex={hand.tool.value === tool ? 0 : -1}
			onClick={() => hand.choose(tool)}
		>
			<Shown />
		</button>
	);
}

function ZoomButton({
	name,
	icon: Shown,
	off,
	onClick,
}: {
	name: string;
	icon: Icon;
	off: boolean;
	onClick: () => void;
}) {
	return (
		<button
			type="button"
			class="tool"
			aria-label={name}
			title={name}
			aria-disabled={off ? true : undefined}
			onClick={onClick}
		>
			<Shown />
		</button>
	);
}

const ICONS: Readonly<Record<BoardTool, Icon>> = {
	pen: PenIcon,
	arrow: ArrowIcon,
	circle: CircleIcon,
	box: BoxIcon,
	text: TextIcon,
	step: StepIcon,
};
/** On or back, by the way that the page reads. */
const TURNS: Readonly<Record<string, (on: 1 | -1) => number>> = {
	ArrowDown: () => 1,
	ArrowUp: () => -1,
	ArrowRight: (on) => on,
	ArrowLeft: (on) => -on,
};
