// Loudness of the own microphone.

/** Loudness of one stream. */
export interface Meter {
	/** 0..1. */
	read(): number;
	close(): void;
}

/** One for the page: browsers allow only a few. */
let context: AudioContext | undefined;

/** Called for a tap: browsers start a context made elsewhere as suspended. */
export function openAudio(): void {
	if (typeof AudioContext === "undefined") return;
	context ??= new AudioContext();
	resumeAudio();
}

export function resumeAudio(): void {
	void context?.resume().catch(() => undefined);
}

export function closeAudio(): void {
	context?.close().catch(() => undefined);
	context = undefined;
}

export function meterOf(stream: MediaStream): Meter | null {
	openAudio();
	if (context === undefined) return null;
	const source = context.createMediaStreamSource(stream);
	const analyser = context.createAnalyser();
	analyser.fftSize = 512;
	source.connect(analyser);
	const samples = new Uint8Array(analyser.fftSize);
	return {
		read() {
			analyser.getByteTimeDomainData(samples);
			let sum = 0;
			for (const sample of samples) sum += ((sample - 128) / 128) ** 2;
			// Speech at arm's length has an RMS near 0.1; four times that fills the bar.
			return Math.min(1, Math.sqrt(sum / samples.length) * 4);
		},
		close: () => source.disconnect(),
	};
}
