import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { rate } from "../../link/server/rating";
import { Rating } from "../../ui/rating";
import { RatingForm } from "../../ui/rating-form";
import type { CallDetail, Rate, Rating as Given, SessionId } from "../../wire/generated";
import { Part } from "./Part";
import { d } from "./words";

/** What both said of the call. Its agent can add to it for some minutes, or change it. */
export function Ratings({ session, detail }: { session: SessionId; detail: CallDetail }) {
	const ratings = useSignal(detail.ratings);
	const form = useMemo(() => {
		const send = async (own: Rate) => {
			const answer = await rate(session, own);
			if (answer.ok) ratings.value = [...ratings.value.filter(isOfCustomer), { ...own, at_ms: Date.now() }];
			return answer;
		};
		return new RatingForm(
			"agent",
			send,
			detail.ratings.find((given) => !isOfCustomer(given)),
		);
	}, []);
	return (
		<Part title={d("ratings")}>
			{ratings.value.length === 0 && <p class="hint">{d("ratings_none")}</p>}
			<ul class="case-ratings">
				{ratings.value.map((given) => (
					<One key={given.seat} given={given} detail={detail} />
				))}
			</ul>
			{detail.rate_until_ms !== undefined && <Rating form={form} />}
		</Part>
	);
}

const isOfCustomer = ({ seat }: Given): boolean => seat === "customer";

function One({ given, detail }: { given: Given; detail: CallDetail }) {
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
