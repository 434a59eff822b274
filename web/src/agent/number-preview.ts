// How the server reads the number in the form, while the agent types.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { ApiResult } from "../link/server/api";
import type { NumberFault, NumberReading, ReadNumber, Texting } from "../wire/generated";

/** A reading, or why the text is no number. Null while there is nothing to say. */
export type Preview = { reading: NumberReading } | { fault: NumberFault } | null;

export interface NumberPreview {
	preview: ReadonlySignal<Preview>;
	/** Takes what the form contains. The server is asked when it has stayed so for 300 ms. */
	typed(body: ReadNumber): void;
	stop(): void;
}

export function numberPreview(ask: (body: ReadNumber) => Promise<ApiResult<NumberReading>>): NumberPreview {
	const preview = signal<Preview>(null);
	let timer: ReturnType<typeof setTimeout> | undefined;
	let newest = "";
	const stop = (): void => {
		clearTimeout(timer);
		newest = "";
	};
	const typed = (body: ReadNumber): void => {
		const text = JSON.stringify(body);
		if (text === newest) return;
		stop();
		newest = text;
		preview.value = null;
		if (digitsIn(body.number) < DIGITS_MIN) return;
		timer = setTimeout(() => {
			void ask(body).then((answer) => {
				// The agent has gone on typing.
				if (text === newest) preview.value = previewOf(answer);
			});
		}, PAUSE_MS);
	};
	return { preview, typed, stop };
}

function previewOf(answer: ApiResult<NumberReading>): Preview {
	if (answer.ok) return { reading: answer.value };
	// A number that is too short may be typed still.
	if (answer.error.error !== "bad_number" || answer.error.why === undefined || answer.error.why === "short")
		return null;
	return { fault: answer.error.why };
}

/** One preview of each form, at its longest: what is shown while the agent types is no longer. */
export function longestPreviews(region: string): NonNullable<Preview>[] {
	const read = { number: "", formatted: "+888 8888-888-8888", region, kind: "toll_free" } as const;
	return [
		...TEXTINGS.map((texting) => ({ reading: { ...read, texting, other: read } })),
		...FAULTS.map((fault) => ({ fault })),
	];
}

/** Digits of every script. */
export const digitsIn = (text: string): number => text.match(/\p{Nd}/gu)?.length ?? 0;

const TEXTINGS: readonly Texting[] = [
	"unassigned",
	"fixed_line",
	"no_telephone",
	"two_readings",
	"kind_refused",
	"region_refused",
];
const FAULTS: readonly NumberFault[] = ["letters", "extension", "signs", "long", "country", "digits"];
const PAUSE_MS = 300;
const DIGITS_MIN = 4;
