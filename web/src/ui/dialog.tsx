import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface DialogProps {
	title: string;
	children: ComponentChildren;
	/** Escape, the back button of the phone, or a tap beside it. */
	onClose: () => void;
}

/**
 * A modal question. The browser keeps the focus inside and gives it back when the dialog is closed.
 */
export function Dialog({ title, children, onClose }: DialogProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	const heading = useId();
	useLayoutEffect(() => {
		const element = dialog.current;
		element?.showModal();
		// Closed before it is removed: only then the focus goes back to where it came from.
		return () => element?.close();
	}, []);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same, by `onCancel`.
		<dialog
			ref={dialog}
			aria-labelledby={heading}
			onCancel={(event) => {
				event.preventDefault();
				onClose();
			}}
			// A browser closes it unasked on the second Escape; its closing on removal is not the
			// person's.
			onClose={() => {
				if (dialog.current !== null) onClose();
			}}
			onClick={(event) => {
				if (event.target === dialog.current) onClose();
			}}
		>
			<div class="dialog-body">
				<h2 id={heading}>{title}</h2>
				{children}
			</div>
		</dialog>
	);
}
