import { useMemo } from "preact/hooks";
import { minutes } from "../../ui/clock";
import type { SeatQuality } from "../../wire/generated";
import { Part } from "./Part";
import { linesOf, marksOf, pointsOf, type QualityPoint, sumOf } from "./quality";
import { clockTime, decimal, iso, listed } from "../times";
import { d } from "./words";

/** How the call ran, in both directions. */
export function Quality({ quality }: { quality: readonly SeatQuality[] }) {
	const told = quality.filter(({ minutes: of }) => of.length > 0);
	return (
		<Part title={d("quality")}>
			{told.length === 0 && <p class="hint">{d("quality_none")}</p>}
			{told.map((one) => (
				<Direction key={one.seat} one={one} />
			))}
		</Part>
	);
}

function Direction({ one }: { one: SeatQuality }) {
	const points = useMemo(() => pointsOf(one.minutes), [one]);
	const sum = useMemo(() => sumOf(points), [points]);
	const times = listed(sum.weak.map(([from, to]) => `${clockTime(from)} – ${clockTime(to)}`));
	return (
		<div class="direction">
			<h3>{d(one.seat === "agent" ? "quality_to_agent" : "quality_to_customer")}</h3>
			<p>
				{d("quality_middle", {
					kbit: sum.kbit,
					lost: decimal(sum.lost),
					trip: sum.trip_ms === null ? d("quality_no_trip") : d("quality_trip", { ms: sum.trip_ms }),
					frozen: minutes(sum.frozen_ms),
				})}{" "}
				{times === "" ? d("quality_good") : d("quality_weak", { times })}
			</p>
			<Graph points={points} />
			<details>
				<summary>{d("quality_table")}</summary>
				<Values points={points} />
			</details>
		</div>
	);
}

function Graph({ points }: { points: readonly QualityPoint[] }) {
	return (
		<svg class="quality-graph" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={d("quality_graph")}>
			{marksOf(points, WIDTH).map(([at, width]) => (
				<rect key={at} class="weak" x={at} y={0} width={width} height={HEIGHT} />
			))}
			{linesOf(points, WIDTH, HEIGHT - 4).map((line) => (
				<polyline key={line} points={line} transform="translate(0 2)" />
			))}
		</svg>
	);
}

function Values({ points }: { points: readonly QualityPoint[] }) {
	return (
		<div class="scrolls">
			<table>
				<thead>
					<tr>
						{HEADS.map((key) => (
							<th key={key} scope="col">
								{d(key)}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{points.map((point) => (
						<tr key={point.at_ms} class={point.weak ? "weak" : undefined}>
							<th scope="row">
								<time dateTime={iso(point.at_ms)}>{clockTime(point.at_ms)}</time>
							</th>
							<td>{point.kbit}</td>
							<td>{decimal(point.lost / 10)}</td>
							<td>{decimal(point.made_up / 10)}</td>
							<td>{decimal(point.frozen_ms / 1_000)}</td>
							<td>{point.trip_ms ?? "–"}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

const HEADS = [
	"quality_time",
	"quality_kbit",
	"quality_lost",
	"quality_made_up",
	"quality_frozen",
	"quality_trips",
] as const;
const WIDTH = 600;
const HEIGHT = 90;
