import { useSignal } from "@preact/signals";
import type { ApiResult } from "../../link/server/api";
import { rate } from "../../link/server/rating";
import { RatedLater } from "../../ui/rated";
import type { CallDetail, Rate, SessionId } from "../../wire/generated";
import { Part } from "./Part";
import { d } from "./words";

/** What both said of the call. Its agent can add to it for some minutes, or change it. */
export function Ratings({ session, detail }: { session: SessionId; detail: CallDetail }) {
	const ratings = useSignal<readonly Rate[]>(detail.ratings);
	const put = async (given: Rate): Promise<ApiResult<void>> => {
		const answer = await rate(session, given);
		if (answer.ok) ratings.value = [...ratings.value.filter(isOfCustomer), given];
		return answer;
	};
	const own = detail.ratings.find((given) => !isOfCustomer(given));
	return (
		<Part title={d("ratings")}>
			{ratings.value.length === 0 && <p class="hint">{d("ratings_none")}</p>}
			<ul class="case-ratings">
				{ratings.value.map((given) => (
					<One key={given.seat} given={given} detail={detail} />
				))}
			</ul>
			{detail.rate_until_ms !== undefined && <RatedLater seat="agent" put={put} given={own} />}
		</Part>
	);
}

const isOfCustomer = ({ seat }: Rate): boolean => seat === "customer";

function One({ given, detail }: { given: Rate; detail: CallDetail }) {
	const name = given.seat === "agent" ? detail.agent_name : (detail.customer_name ?? d("customer"));
	return (
		<li>
			<p>
				<span class="drawn-stars" aria-hidden="true">
					{"★".repeat(given.stars)}
					{"☆".repeat(5 - given.stars)}
				</span>{" "}
				{d("rating_of", { name, stars: given.stars })}
			</p>
			{given.comment !== undefined && (
				<p class="said" dir="auto">
					{given.comment}
				</p>
			)}
		</li>
	);
}
