// "How was the call?", after its end, on both pages.

import "../i18n/en-help";
import { useComputed } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { t } from "../i18n";
import { counted } from "../i18n/plural";
import type { Call } from "../link/call";
import type { ApiResult } from "../link/server/api";
import { rate } from "../link/server/rating";
import { COMMENT_TEXT_MAX, type Rating as Given, type Rate, type Seat } from "../wire/generated";
import { Button } from "./buttons";
import { now } from "./clock";
import { icon } from "./icons";
import "./rating.css";
import { RatingForm, rateUntil } from "./rating-form";
import { failureWords } from "./refusals";

/** Nothing for a call that never ran, or that ended long ago. */
export function CallRating({ call }: { call: Call }) {
	const late = useComputed(() => {
		const until = rateUntil(call.view.value);
		return until === null || now.value + call.clockOffset.value >= until;
	});
	const cameLate = useMemo(() => late.peek(), []);
	const form = useMemo(() => new RatingForm(call.seat, (given) => rate(call.session, given)), []);
	return cameLate ? null : <Rating form={form} late={late.value} />;
}

interface LaterRatingProps {
	seat: Seat;
	put: (given: Rate) => Promise<ApiResult<void>>;
	/** What was said before. */
	given?: Given | undefined;
}

/** For a page that shows ended calls. The server says when it is too late. */
export function LaterRating({ seat, put, given }: LaterRatingProps) {
	const form = useMemo(() => new RatingForm(seat, put, given), []);
	return <Rating form={form} late={false} />;
}

/** The form and what became of it. `late`: the time for it is over. */
function Rating({ form, late }: { form: RatingForm; late: boolean }) {
	const section = useRef<HTMLElement>(null);
	const shown = shownAt(form.stage.value, late);
	const before = useRef(shown);
	// The pressed button is gone, so what came for it takes the focus, unless somebody is
	// elsewhere on the page by then.
	useLayoutEffect(() => {
		if (before.current === shown) return;
		before.current = shown;
		const focused = document.activeElement;
		if (focused !== document.body && !section.current?.contains(focused)) return;
		const chosen = section.current?.querySelector<HTMLInputElement>("input:checked");
		(chosen ?? section.current)?.focus({ preventScroll: true });
	}, [shown]);
	const mayChange = shown === "given" || (shown === "thanks" && !late);
	return (
		<section class="rating" ref={section} tabIndex={-1}>
			<p role="status">{(shown === "thanks" || shown === "over") && t(`rate_${shown}`)}</p>
			{shown === "form" && <Form form={form} />}
			{mayChange && <Button onClick={() => form.change()}>{t("rate_change")}</Button>}
		</section>
	);
}

/** What is being sent is waited for, however late it is. */
function shownAt(stage: RatingForm["stage"]["value"], late: boolean): "given" | "form" | "thanks" | "over" {
	if (stage === "over" || (late && stage === "form")) return "over";
	return stage === "sending" ? "form" : stage;
}

function Form({ form }: { form: RatingForm }) {
	const fields = useRef<HTMLFieldSetElement>(null);
	const failure = form.failure.value;
	const wrong = form.missing.value ? t("rate_missing") : failure && failureWords(failure);
	return (
		<form
			class="stack"
			onSubmit={(event) => {
				event.preventDefault();
				void form.send();
				if (form.missing.peek()) fields.current?.querySelector("input")?.focus();
			}}
		>
			<fieldset ref={fields}>
				<legend>{t("rate_how")}</legend>
				<Stars form={form} />
			</fieldset>
			<label class="field">
				<span>{t("rate_comment")}</span>
				<textarea
					rows={3}
					maxLength={COMMENT_TEXT_MAX}
					dir="auto"
					value={form.comment.value}
					onInput={(event) => {
						form.comment.value = event.currentTarget.value;
					}}
				/>
			</label>
			<div role="alert">{wrong !== null && <p class="error">{wrong}</p>}</div>
			<Button submit busy={form.stage.value === "sending"}>
				{t("rate_send")}
			</Button>
		</form>
	);
}

/** Real radio buttons under drawn stars. The words beside them say the choice, too. */
function Stars({ form }: { form: RatingForm }) {
	const chosen = form.stars.value;
	const names = STARS.map((stars) => counted(t("rate_stars"), stars));
	return (
		<div class="stars">
			<div class="star-row">
				{names.map((name, at) => (
					<label key={at} class={at < chosen ? "star given" : "star"}>
						<input
							type="radio"
							name="stars"
							value={at + 1}
							aria-label={name}
							checked={at + 1 === chosen}
							onChange={() => form.choose(at + 1)}
						/>
						<StarIcon />
					</label>
				))}
			</div>
			<span class="hint" aria-hidden="true">
				{names[chosen - 1]}
			</span>
		</div>
	);
}

const StarIcon = icon(
	"M12 3.2l2.700 5.600 6.100.8-4.500 4.200 1.200 6.100L12 16.900 6.500 19.900l1.200-6.100L3.200 9.600l6.100-.8z",
);

const STARS = [1, 2, 3, 4, 5];
