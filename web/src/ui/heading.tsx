import { useEffect, useRef } from "preact/hooks";

/** A screen without a visible heading has one for screen readers, and they start reading there. */
export function HiddenHeading({ text }: { text: string }) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus({ preventScroll: true }), []);
	return (
		<h1 ref={heading} class="visually-hidden" tabIndex={-1}>
			{text}
		</h1>
	);
}
