import "./number.css";
import type { ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { language } from "../i18n";
import { NUMBER_MAX } from "../wire/generated";
import { longestCountry } from "./countries";
import { Field } from "./Field";
import { longestPreviews, type Preview } from "./number-preview";
import { doubtWords, faultWords, readWords } from "./number-words";
import { w } from "./words";

interface NumberFieldProps {
	number: string;
	region: string;
	error: string | undefined;
	preview: ReadonlySignal<Preview>;
	onType: (number: string) => void;
}

/** The customer's number. Below it stands how the server reads it. */
export function NumberField({ number, region, error, preview, onType }: NumberFieldProps) {
	// An error says the same as a fault.
	const shown = error !== undefined && preview.value !== null && "fault" in preview.value ? null : preview.value;
	return (
		<Field label={w("number")} hint={<PreviewLine preview={shown} region={region} />} error={error}>
			{(field) => (
				<input
					{...field}
					type="tel"
					autoComplete="off"
					maxLength={NUMBER_MAX}
					dir="ltr"
					value={number}
					onInput={(event) => onType(event.currentTarget.value)}
				/>
			)}
		</Field>
	);
}

/** As high as its longest text, so that nothing below moves when the server's reading comes. */
function PreviewLine({ preview, region }: { preview: Preview; region: string }) {
	return (
		<span class="reading">
			<span>
				<span role="status">{preview !== null && <PreviewWords preview={preview} region={region} />}</span>
				{preview === null && w("number_hint")}
			</span>
			<LongestPreviews />
		</span>
	);
}

/**
 * Hidden texts that keep the room, with every width of the page and every size of text. They name
 * the longest country, because a number that is typed with its country's code chooses that country.
 */
function LongestPreviews() {
	const region = useMemo(longestCountry, [language.value]);
	return longestPreviews(region).map((preview) => (
		<span key={JSON.stringify(preview)} class="room" aria-hidden="true">
			<PreviewWords preview={preview} region={region} />
		</span>
	));
}

function PreviewWords({ preview, region }: { preview: NonNullable<Preview>; region: string }) {
	if ("fault" in preview) return <span class="doubt">{faultWords(preview.fault, region)}</span>;
	const doubt = doubtWords(preview.reading);
	return (
		<>
			<strong>{readWords(preview.reading)}</strong>
			{doubt !== "" && <span class="doubt">{doubt}</span>}
		</>
	);
}
