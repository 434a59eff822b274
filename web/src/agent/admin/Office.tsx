import "./admin.css";
import { ADMIN_SCREENS, type AdminScreen, me } from "../console";
import { w } from "../words";
import { Agents } from "./Agents";
import { Audit } from "./Audit";
import { Figures } from "./figures/Figures";
import { Keys } from "./Keys";
import { Lines } from "./Lines";
import { Look } from "./Look";
import { Webhooks } from "./Webhooks";
import { a } from "./words";

/** The screens of admins, with a way from each to the others. */
export function Office({ at }: { at: AdminScreen }) {
	if (me.value?.role !== "admin") return <p class="page">{a("not_admin")}</p>;
	return (
		<div class="page wide">
			<nav class="office" aria-label={w("admin")}>
				{ADMIN_SCREENS.map((screen) => (
					<a key={screen} href={`#${screen}`} aria-current={screen === at ? "page" : undefined}>
						{a(screen)}
					</a>
				))}
			</nav>
			<Screen at={at} />
		</div>
	);
}

function Screen({ at }: { at: AdminScreen }) {
	switch (at) {
		case "figures":
			return <Figures />;
		case "lines":
			return <Lines />;
		case "keys":
			return <Keys />;
		case "agents":
			return <Agents />;
		case "audit":
			return <Audit />;
		case "look":
			return <Look />;
		case "webhooks":
			return <Webhooks />;
	}
}
