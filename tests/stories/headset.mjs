// A headset of fake parts that leaves and comes back, a camera that blurs, and what each speaker
// plays.

/** Runs in the page: the devices whose names are in `__away` are not there. */
export function comesAndGoes() {
	window.__away = new Set();
	/** What each device is called at its new socket, by its old id. */
	window.__moved = new Map();
	const mediaDevices = navigator.mediaDevices;
	if (mediaDevices === undefined) return;
	const list = mediaDevices.enumerateDevices.bind(mediaDevices);
	const now = (id) => window.__moved.get(id) ?? id;
	const before = (id) => [...window.__moved].find(([, moved]) => moved === id)?.[0] ?? id;
	mediaDevices.enumerateDevices = async () =>
		(await list())
			.filter(({ label }) => !window.__away.has(label))
			.map(({ kind, label, deviceId, groupId }) => ({ kind, label, deviceId: now(deviceId), groupId }));
	const ask = mediaDevices.getUserMedia.bind(mediaDevices);
	mediaDevices.getUserMedia = async (constraints) => {
		const asked = structuredClone(constraints);
		for (const wanted of [asked.audio, asked.video]) {
			const id = wanted?.deviceId?.exact;
			if (id === undefined) continue;
			if (![...(await mediaDevices.enumerateDevices())].some(({ deviceId }) => deviceId === id)) {
				throw new DOMException("It is not there", "OverconstrainedError");
			}
			wanted.deviceId.exact = before(id);
		}
		return ask(asked);
	};
	const settings = MediaStreamTrack.prototype.getSettings;
	MediaStreamTrack.prototype.getSettings = function () {
		const all = settings.call(this);
		return { ...all, deviceId: now(all.deviceId) };
	};
	window.__plug = (label, there) => {
		if (there) window.__away.delete(label);
		else window.__away.add(label);
		mediaDevices.dispatchEvent(new Event("devicechange"));
	};
	/** Another socket: the same names, other ids. */
	window.__move = async (label) => {
		for (const one of await list()) if (one.label === label) window.__moved.set(one.deviceId, `${one.deviceId}-moved`);
	};
}

/** Runs in the page: each camera can blur what is behind its person. */
export function blurs() {
	const blurred = new WeakMap();
	const { getCapabilities, getSettings, applyConstraints } = MediaStreamTrack.prototype;
	MediaStreamTrack.prototype.getCapabilities = function () {
		const all = getCapabilities.call(this);
		return this.kind === "video" ? { ...all, backgroundBlur: [false, true] } : all;
	};
	MediaStreamTrack.prototype.getSettings = function () {
		const all = getSettings.call(this);
		return this.kind === "video" ? { ...all, backgroundBlur: blurred.get(this) === true } : all;
	};
	MediaStreamTrack.prototype.applyConstraints = async function ({ backgroundBlur, ...others } = {}) {
		await applyConstraints.call(this, others);
		if (backgroundBlur !== undefined) blurred.set(this, backgroundBlur.exact);
	};
}

/** Runs in the page: measures what each speaker is given to play, by its id. */
export function listens() {
	window.__loudest = {};
	const play = HTMLMediaElement.prototype.play;
	HTMLMediaElement.prototype.play = function () {
		if (this instanceof HTMLAudioElement && this.srcObject !== null) measure(this);
		return play.call(this);
	};
	function measure({ sinkId, srcObject }) {
		const context = new AudioContext();
		const analyser = new AnalyserNode(context);
		context.createMediaStreamSource(srcObject).connect(analyser);
		const samples = new Float32Array(analyser.fftSize);
		const timer = setInterval(() => {
			analyser.getFloatTimeDomainData(samples);
			window.__loudest[sinkId] = Math.max(window.__loudest[sinkId] ?? 0, ...samples);
		}, 20);
		srcObject.getTracks()[0].addEventListener("ended", () => clearInterval(timer));
	}
}
