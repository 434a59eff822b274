// Does to this phone's devices what the agent did on their page: once each, over a reload too.

import { effect, signal, type ReadonlySignal } from "@preact/signals";
import type { Call } from "../../link/call";
import { controlsOf, setTorch, setZoom } from "../../link/media/controls";
import type { GuestView } from "../../session/guest";
import { tab } from "../../ui/remember";
import type { GuestDevice } from "../../wire/generated";

interface Order {
	seq: number;
	device: GuestDevice | "zoom";
	zoom: number;
}

/** What the agent did to this phone last; the person has not dismissed it. */
export const done: ReadonlySignal<Order["device"] | null> & { value: Order["device"] | null } = signal(null);

/** Follows the agent until the returned function is called. */
export function obeyAgent(call: Call): () => void {
	const key = `obeyed.${call.session}`;
	let obeyed = Number(tab.recall(key) ?? 0);
	const unwatch = effect(() => {
		const { guest } = call.view.value;
		if (!call.joined.value) return;
		for (const order of ordersOf(guest)) {
			if (order.seq <= Math.max(obeyed, guest.since)) continue;
			obeyed = order.seq;
			tab.remember(key, String(obeyed));
			void carryOut(call, order);
		}
	});
	const look = (): void => tellControls(call);
	const stopWatching = effect(() => {
		void call.devices.camera.value;
		look();
	});
	const looking = setInterval(look, LOOK_MS);
	return () => {
		unwatch();
		stopWatching();
		clearInterval(looking);
	};
}

/** In the order in which they happened. */
function ordersOf({ off, zoomed }: GuestView): Order[] {
	const orders: Order[] = (["microphone", "camera", "torch"] as const).map((device) => ({
		seq: off[device] ?? 0,
		device,
		zoom: 0,
	}));
	if (zoomed !== null) orders.push({ seq: zoomed.seq, device: "zoom", zoom: zoomed.zoom });
	return orders.sort((a, b) => a.seq - b.seq);
}

async function carryOut(call: Call, { device, zoom }: Order): Promise<void> {
	const track = cameraOf(call);
	if (device === "microphone") await call.setMicrophone(false);
	else if (device === "camera") await call.setCamera(false);
	else if (track === undefined) return;
	else if (!(await (device === "torch" ? setTorch(track, false) : setZoom(track, zoom)))) return;
	tellControls(call);
	done.value = device;
}

export function cameraOf(call: Call): MediaStreamTrack | undefined {
	return call.devices.camera.peek()?.getVideoTracks()[0];
}

/** Tells the agent's page what this camera has. */
export function tellControls(call: Call): void {
	const track = cameraOf(call);
	const has = track === undefined ? {} : controlsOf(track);
	const told = call.controls.peek();
	if (has.torch !== told.torch || has.zoom !== told.zoom) call.controls.value = has;
}

const LOOK_MS = 1_000;
