import "./shortcuts.css";
import type { ComponentChildren } from "preact";
import { Button } from "../../ui/buttons";
import { Dialog } from "../../ui/dialog";
import { w } from "../words";
import { type Deed, HELP, LETTERS, SHIFTED } from "./deeds";
import { NAMES } from "./press";
import { single } from "./wish";

/** All keys of a call. */
export function KeyList({ onClose }: { onClose: () => void }) {
	return (
		<Dialog title={w("keys")} onClose={onClose}>
			{!single.value && <p class="hint">{w("keys_none")}</p>}
			<dl class="key-list">
				{single.value &&
					entries(LETTERS).map(([deed, letter]) => (
						<Line key={deed} does={nameOf(deed)}>
							<kbd>{letter.toUpperCase()}</kbd>
						</Line>
					))}
				{entries(SHIFTED).map(([deed, key]) => (
					<Line key={deed} does={nameOf(deed)}>
						<kbd>Shift</kbd> <kbd>{key}</kbd>
					</Line>
				))}
				{single.value && (
					<Line does={w("keys_help")}>
						<kbd>{HELP}</kbd>
					</Line>
				)}
			</dl>
			<h3 class="key-group">{w("keys_board")}</h3>
			<dl class="key-list">
				<Line does={w("keys_tools")}>
					<kbd>1</kbd>–<kbd>6</kbd>
				</Line>
				<Line does={w("keys_undo")}>
					<kbd>Ctrl</kbd> <kbd>Z</kbd>, <kbd>Ctrl</kbd> <kbd>Y</kbd>
				</Line>
				<Line does={w("keys_zoom")}>
					<kbd>+</kbd> <kbd>-</kbd> <kbd>0</kbd>
				</Line>
				<Line does={w("keys_cursor")}>
					<kbd>↑</kbd> <kbd>↓</kbd> <kbd>←</kbd> <kbd>→</kbd>
				</Line>
				<Line does={w("keys_draw")}>
					<kbd>Enter</kbd>
				</Line>
			</dl>
			<div class="actions">
				<Button kind="primary" onClick={onClose}>
					{w("done")}
				</Button>
			</div>
		</Dialog>
	);
}

function Line({ does, children }: { does: string; children: ComponentChildren }) {
	return (
		<div>
			<dt>{does}</dt>
			<dd translate={false} dir="ltr">
				{children}
			</dd>
		</div>
	);
}

function nameOf(deed: Exclude<Deed, "help">): string {
	if (deed === "next") return w("picture_next");
	return deed === "previous" ? w("picture_previous") : NAMES[deed]();
}

type Known = Exclude<Deed, "help">;
const entries = (keys: Readonly<Partial<Record<Deed, string>>>) => Object.entries(keys) as [Known, string][];
