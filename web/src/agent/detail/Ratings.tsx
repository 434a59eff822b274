import type { CallDetail, Rating } from "../../wire/generated";
import { Part } from "./Part";
import { d } from "./words";

/** What both said of the call. */
export function Ratings({ detail }: { detail: CallDetail }) {
	const name = ({ seat }: Rating): string =>
		seat === "agent" ? detail.agent_name : (detail.customer_name ?? d("customer"));
	return (
		<Part title={d("ratings")}>
			{detail.ratings.length === 0 && <p class="hint">{d("ratings_none")}</p>}
			<ul class="case-ratings">
				{detail.ratings.map((rating) => (
					<li key={rating.seat}>
						<p>
							<span class="stars" aria-hidden="true">
								{"★".repeat(rating.stars)}
								{"☆".repeat(5 - rating.stars)}
							</span>{" "}
							{d("rating_of", { name: name(rating), stars: rating.stars })}
						</p>
						{rating.comment !== undefined && (
							<p class="said" dir="auto">
								{rating.comment}
							</p>
						)}
					</li>
				))}
			</ul>
		</Part>
	);
}
