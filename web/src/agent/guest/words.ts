// What the agent reads of the customer's devices.

import { fill } from "../../i18n";
import { spoken } from "../spoken";

export const words = {
	microphone: "Guest microphone",
	camera: "Guest camera",
	flip: "Guest flip",
	torch: "Guest torch",
	zoom: "Guest zoom",
	location: "Ask for location",
	is_on: "On. Press to switch it off.",
	is_off: "Off. Press to ask for it.",
	asks: "Press to ask for it.",
	zoomed: "{percent} percent",
	one_at_a_time: "{name} has not answered the last request yet.",
	needs_camera: "{name}’s camera is off.",
	nobody: "{name} is not on the page right now.",
	asked_microphone: "Asked {name} to turn the microphone on.",
	asked_camera: "Asked {name} to turn the camera on.",
	asked_flip: "Asked {name} for the other camera.",
	asked_torch: "Asked {name} for the phone’s light.",
	asked_location: "Asked {name} for the location.",
	waits: "Waiting for the answer ({s} s)",
	allowed: "{name} allowed it. One moment…",
	done_microphone: "{name}’s microphone is on.",
	done_camera: "{name}’s camera is on.",
	done_flip: "{name} shows the other camera.",
	done_torch: "The phone’s light is on.",
	done_location: "{name} told the location.",
	off_microphone: "{name}’s microphone was switched off from the agent’s page.",
	off_camera: "{name}’s camera was switched off from the agent’s page.",
	off_torch: "The light of {name}’s phone was switched off from the agent’s page.",
	not_now: "{name} answered: not now.",
	no_answer: "{name} did not answer.",
	gone: "{name} left or reloaded the page before the request was done. You can ask again.",
	denied: "{name} allowed it, but the phone or its browser refused it.",
	absent: "{name}’s phone does not have it.",
	busy: "It did not start on {name}’s phone. Another app may be using it.",
	unsupported: "The browser on {name}’s phone cannot do it.",
	no_position: "{name}’s phone could not find its location.",
	interrupted: "{name} left or reloaded the page before the request was done. You can ask again.",
	place: "{name}’s location",
	within: "{latitude}, {longitude}, within {m} m",
	told_at: "Told at {time}",
	maps: "Open in maps ({site})",
};

export type GuestKey = keyof typeof words;

export function g(key: GuestKey, values?: Readonly<Record<string, string | number>>): string {
	return fill((spoken()?.guest ?? words)[key], values);
}
