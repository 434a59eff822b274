// Prints the page once every picture is there.

/**
 * Opens the browser's print dialog, unless `wanted` says by then that nobody waits any more.
 * Pictures that do not come within a while are left out.
 */
export async function printWhole(wanted: () => boolean): Promise<void> {
	const images = [...document.querySelectorAll<HTMLImageElement>(".detail img")];
	const decoded = Promise.allSettled(images.map((image) => image.decode()));
	await Promise.race([decoded, new Promise((resolve) => setTimeout(resolve, PICTURES_MS))]);
	if (wanted()) window.print();
}

const PICTURES_MS = 20_000;
