import { w } from "../words";
import { choose, SCHEMES, type Scheme, scheme } from "./scheme";

/** Light, dark, or as the system has it. */
export function LookSettings() {
	return (
		<fieldset class="plain-set">
			<legend>{w("look")}</legend>
			<div class="schemes">
				{SCHEMES.map((one) => (
					<label key={one} class="check">
						<input type="radio" name="scheme" checked={scheme.value === one} onChange={() => choose(one)} />
						<span>{NAMES[one]()}</span>
					</label>
				))}
			</div>
		</fieldset>
	);
}

const NAMES: Readonly<Record<Scheme, () => string>> = {
	system: () => w("look_system"),
	light: () => w("look_light"),
	dark: () => w("look_dark"),
};
