import "./admin.css";
import { type AdminScreen, me } from "../console";
import { w } from "../words";
import { Agents } from "./Agents";
import { Keys } from "./Keys";
import { a } from "./words";

/** The screens of admins, with a way from each to the others. */
export function Office({ at }: { at: AdminScreen }) {
	if (me.value?.role !== "admin") return <p class="page">{a("not_admin")}</p>;
	return (
		<div class="page wide">
			<nav class="office" aria-label={w("admin")}>
				{SCREENS.map((screen) => (
					<a key={screen} href={`#${screen}`} aria-current={screen === at ? "page" : undefined}>
						{a(screen)}
					</a>
				))}
			</nav>
			{at === "keys" ? <Keys /> : <Agents />}
		</div>
	);
}

const SCREENS: readonly AdminScreen[] = ["keys", "agents"];
