// A phone whose camera has a light and a zoom, and that knows where it is.

export const PLACE = { latitude: 52.520008, longitude: 13.404954, accuracy: 13.2 };

/** Runs in the page: its cameras have a light and a zoom. `__light.set` is what they were told. */
export function phoneWithLight() {
	window.__light = { set: {}, fails: false };
	const { prototype } = MediaStreamTrack;
	const { applyConstraints, getCapabilities, getSettings } = prototype;
	prototype.getCapabilities = function () {
		const has = this.kind === "video" ? { torch: true, zoom: { min: 1, max: 8, step: 0.1 } } : {};
		return { ...getCapabilities.call(this), ...has };
	};
	prototype.getSettings = function () {
		return { ...getSettings.call(this), ...(this.kind === "video" && this.__set) };
	};
	prototype.applyConstraints = async function (constraints) {
		const [first] = constraints?.advanced ?? [];
		if (first === undefined || !("torch" in first || "zoom" in first)) return applyConstraints.call(this, constraints);
		if (window.__light.fails) throw new DOMException("setPhotoOptions failed", "UnknownError");
		this.__set = { ...first };
		window.__light.set = this.__set;
	};
}
