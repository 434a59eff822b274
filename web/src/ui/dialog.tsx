import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface DialogProps {
	title: string;
	children: ComponentChildren;
	/** What was asked for here is under way: the dialog stays until its answer has come. */
	busy?: boolean;
	/** Called by Escape, the phone's back button or a tap outside. */
	onClose: () => void;
}

/** A modal dialog. The browser keeps the focus inside and restores it afterwards. */
export function Dialog({ title, children, busy = false, onClose }: DialogProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	const heading = useId();
	useLayoutEffect(() => {
		const element = dialog.current;
		element?.showModal();
		// Closed before its removal: only then does the browser restore the focus.
		return () => element?.close();
	}, []);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same, by `onCancel`.
		<dialog
			ref={dialog}
			aria-labelledby={heading}
			onCancel={(event) => {
				event.preventDefault();
				if (!busy) onClose();
			}}
			// Browsers close a dialog on the second Escape without asking. Closing on removal is
			// ignored.
			onClose={() => {
				if (busy) dialog.current?.showModal();
				else if (dialog.current !== null) onClose();
			}}
			onClick={(event) => {
				if (!busy && event.target === dialog.current) onClose();
			}}
		>
			<div class="dialog-body">
				<h2 id={heading}>{title}</h2>
				{children}
			</div>
		</dialog>
	);
}
