import { LANGUAGES } from "../i18n";
import { Field } from "./Field";
import { chooseLanguage, chosenLanguage } from "./speech";
import { languageName } from "./times";
import { w } from "./words";

/** Which language the console speaks. Each stands there under its own name. */
export function LanguageSettings() {
	return (
		<Field label={w("console_language")}>
			{(field) => (
				<select
					{...field}
					value={chosenLanguage.value}
					onChange={(event) => void chooseLanguage(event.currentTarget.value)}
				>
					<option value="">{w("language_of_browser")}</option>
					{Object.keys(LANGUAGES).map((tag) => (
						<option key={tag} value={tag} lang={tag} translate={false}>
							{ownName(tag)}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}

function ownName(tag: string): string {
	const [first = "", ...rest] = languageName(tag, tag);
	return first.toLocaleUpperCase(tag) + rest.join("");
}
