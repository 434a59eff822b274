// Things that somebody drops on the page. A browser opens them in the place of the page, which
// would end the call here.

/** Lets nothing be dropped, except text into a field. */
export function refuseDrops(): void {
	addEventListener("dragover", refuse);
	addEventListener("drop", refuse);
}

function refuse(event: DragEvent): void {
	const { dataTransfer, target } = event;
	const isText = dataTransfer?.types.includes("Files") === false;
	if (isText && target instanceof Element && target.closest("input, textarea") !== null) return;
	event.preventDefault();
	if (dataTransfer !== null) dataTransfer.dropEffect = "none";
}
