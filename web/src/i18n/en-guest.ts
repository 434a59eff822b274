// The English texts for what the agent does to the customer's devices, and asks for. They load in
// the call.

import { teach } from "./index";

export const guest = {
	guest_ask_microphone: "{agent} asks you to turn on your microphone",
	guest_ask_camera: "{agent} asks you to turn on your camera",
	guest_ask_flip: "{agent} asks to see your other camera",
	guest_ask_torch: "{agent} asks to turn on your phone’s light",
	guest_ask_location: "{agent} asks where you are",
	guest_location_more: "Your phone reads its location once and sends it to {agent}. It is kept with this call.",
	guest_allow: "Allow",
	guest_not_now: "Not now",
	guest_off_microphone: "{agent} turned off your microphone",
	guest_off_camera: "{agent} turned off your camera",
	guest_off_torch: "{agent} turned off your phone’s light",
	guest_on_microphone: "Turn the microphone on",
	guest_zoomed: "{agent} zooms your camera",
	guest_locating: "Finding your location…",
	guest_located: "{agent} has your location now",
	guest_torch_failed: "The light could not be turned on.",
	guest_location_denied: "Your browser or phone does not give this page your location.",
	guest_location_failed: "Your phone could not find its location.",
};

teach(guest);
