import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

interface Given {
	id: string;
	"aria-describedby": string | undefined;
	"aria-invalid": boolean;
}

interface FieldProps {
	label: string;
	hint?: ComponentChildren;
	error?: string | undefined;
	children: (given: Given) => JSX.Element;
}

/** A labelled field. Screen readers read its hint and its error with it. */
export function Field({ label, hint, error, children }: FieldProps) {
	const id = useId();
	const described = [error === undefined ? null : `${id}-error`, hint === undefined ? null : `${id}-hint`].filter(
		(part) => part !== null,
	);
	return (
		<div class="field">
			<label for={id}>{label}</label>
			{children({
				id,
				"aria-describedby": described.length > 0 ? described.join(" ") : undefined,
				"aria-invalid": error !== undefined,
			})}
			{error !== undefined && (
				<p class="error" id={`${id}-error`}>
					{error}
				</p>
			)}
			{hint !== undefined && (
				<p class="hint" id={`${id}-hint`}>
					{hint}
				</p>
			)}
		</div>
	);
}
