import { useEffect, useRef } from "preact/hooks";

/** A heading for screen readers on a screen without a visible one; it receives the focus. */
export function HiddenHeading({ text }: { text: string }) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus({ preventScroll: true }), []);
	return (
		<h1 ref={heading} class="visually-hidden" tabIndex={-1}>
			{text}
		</h1>
	);
}
