import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A region of the page with its heading. */
export function Part({ title, children }: { title: string; children: ComponentChildren }) {
	const heading = useId();
	return (
		<section class="card part" aria-labelledby={heading}>
			<h2 id={heading}>{title}</h2>
			{children}
		</section>
	);
}
