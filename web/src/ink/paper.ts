// The surface that ink is painted on.

/**
 * What painting needs of a canvas. Its unit is the CSS pixel: denser canvases are scaled before.
 */
export type Paper = Pick<
	CanvasRenderingContext2D,
	| "save"
	| "restore"
	| "beginPath"
	| "closePath"
	| "moveTo"
	| "lineTo"
	| "quadraticCurveTo"
	| "arc"
	| "ellipse"
	| "rect"
	| "stroke"
	| "fill"
	| "fillRect"
	| "fillText"
	| "strokeText"
	| "measureText"
	| "fillStyle"
	| "strokeStyle"
	| "lineWidth"
	| "lineCap"
	| "lineJoin"
	| "font"
	| "textAlign"
	| "textBaseline"
	| "direction"
>;

export function font(weight: number, size: number): string {
	return `${weight} ${size}px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;
}
