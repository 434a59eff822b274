// Folds events into pictures and their boards. Total: an event about an unknown picture is skipped,
// so that any server's log becomes a view.

import type { Event } from "../wire/generated";
import type { PictureView, ShownStroke, StrokeView, View } from "./view";

/** The part of a view that this file keeps. */
export type Boards = Pick<View, "pictures" | "board">;

export const NO_BOARDS: Boards = { pictures: [], board: null };

/**
 * Returns the pictures and boards after an event: the same object when the event changes neither.
 * `utc_offset_min`: where the customer's clock was until then.
 */
export function changeBoards(boards: Boards, event: Event, utc_offset_min: number | null): Boards {
	switch (event.type) {
		case "capture_asked":
			return { pictures: [...boards.pictures, asked(event, utc_offset_min)], board: event.seq };
		case "capture_repeated":
			return changePicture(boards, event.picture, (picture) => ({
				...picture,
				attempt: event.attempt,
				asked_at_ms: event.at_ms,
				utc_offset_min,
				asked_by: event.seat,
				failed: null,
			}));
		case "zone_told":
			return {
				...boards,
				pictures: boards.pictures.map((picture) => ({
					...picture,
					utc_offset_min: picture.utc_offset_min ?? event.utc_offset_min,
				})),
			};
		case "capture_failed":
			return changePicture(boards, event.picture, (picture) =>
				picture.base === null ? { ...picture, failed: event.why } : picture,
			);
		case "picture_kept":
			// The first base wins; a later upload is ignored.
			return changePicture(boards, event.picture, (picture) =>
				picture.base === null
					? {
							...picture,
							failed: null,
							taken_at_ms: event.low_resolution ? picture.at_ms : picture.asked_at_ms,
							base: {
								width: event.width,
								height: event.height,
								low_resolution: event.low_resolution,
								digest: event.digest,
							},
						}
					: picture,
			);
		case "picture_deleted":
			return {
				pictures: boards.pictures.filter((picture) => picture.id !== event.picture),
				board: boards.board === event.picture ? null : boards.board,
			};
		case "board_opened":
			return boards.pictures.some((picture) => picture.id === event.picture)
				? { ...boards, board: event.picture }
				: boards;
		case "board_closed":
			return boards.board === event.picture ? { ...boards, board: null } : boards;
		case "drawn":
			return changeStrokes(boards, event, (strokes) => [
				// A new stroke clears the author's redo: their undone strokes cannot come back.
				...strokes.filter((one) => one.seat !== event.seat || one.undone === null),
				{ id: event.seq, seat: event.seat, stroke: event.stroke, undone: null },
			]);
		case "undone":
			return setUndone(boards, event, event.seq);
		case "redone":
			return setUndone(boards, event, null);
		case "cleared":
			return changeStrokes(boards, event, () => []);
		default:
			return boards;
	}
}

function asked(event: Extract<Event, { type: "capture_asked" }>, utc_offset_min: number | null): PictureView {
	return {
		id: event.seq,
		asked_by: event.seat,
		source: event.source ?? "camera",
		at_ms: event.at_ms,
		taken_at_ms: event.at_ms,
		utc_offset_min,
		attempt: 1,
		asked_at_ms: event.at_ms,
		failed: null,
		base: null,
		touched: event.seq,
		strokes: [],
	};
}

/** The strokes on a picture in painting order, undone ones left out; a sent picture shows these. */
export function standing(picture: PictureView): ShownStroke[] {
	return picture.strokes.filter((one) => one.undone === null).map(fromLog);
}

/** Converts a logged stroke into one to paint. */
export function fromLog({ seat, stroke: { mark, ...ink } }: StrokeView): ShownStroke {
	return { mark, seat, ink, pending: false };
}

/** Undoes or redoes strokes. An author can only name their own. */
function setUndone(
	boards: Boards,
	event: Extract<Event, { type: "undone" | "redone" }>,
	undone: number | null,
): Boards {
	const named = new Set(event.strokes);
	return changeStrokes(boards, event, (strokes) =>
		strokes.map((one) => (named.has(one.id) && one.seat === event.seat ? { ...one, undone } : one)),
	);
}

function changeStrokes(
	boards: Boards,
	{ picture, seq }: { picture: number; seq: number },
	change: (strokes: readonly StrokeView[]) => readonly StrokeView[],
): Boards {
	return changePicture(boards, picture, (one) => ({ ...one, touched: seq, strokes: change(one.strokes) }));
}

function changePicture(boards: Boards, id: number, change: (picture: PictureView) => PictureView): Boards {
	if (!boards.pictures.some((picture) => picture.id === id)) return boards;
	return { ...boards, pictures: boards.pictures.map((picture) => (picture.id === id ? change(picture) : picture)) };
}
