import { Loading } from "../../ui/loading";
import { w } from "../words";
import { unheld } from "./hold";

/** Why there is nothing to work with in this frame, and what to do. */
export function Unheld() {
	const why = unheld.value;
	return (
		<main class="plain-page">
			{why === "waiting" ? (
				<Loading />
			) : (
				<div class="card narrow" role="alert">
					<h1>{w(`embed_${why}`)}</h1>
					<p>{w(`embed_${why}_more`, { host: location.host })}</p>
				</div>
			)}
		</main>
	);
}
