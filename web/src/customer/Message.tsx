import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { CheckIcon, WarningIcon } from "../ui/icons";
import { Brand } from "./Brand";

interface MessageProps {
	title: string;
	text: string;
	trouble?: boolean;
	children?: ComponentChildren;
}

/** A screen with one heading, what to do next, and perhaps a button. */
export function Message({ title, text, trouble, children }: MessageProps) {
	const heading = useRef<HTMLHeadingElement>(null);
	// Screen readers start a new screen at its heading.
	useEffect(() => heading.current?.focus(), [title]);
	return (
		<main class="sheet-page">
			<Brand />
			<div class="card message">
				<div class={trouble ? "emblem warn" : "emblem"}>{trouble ? <WarningIcon /> : <CheckIcon />}</div>
				<h1 ref={heading} tabIndex={-1}>
					{title}
				</h1>
				<p>{text}</p>
				{children}
			</div>
		</main>
	);
}
