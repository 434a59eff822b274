// The English texts for media that this browser or the other one cannot take, and for a call that
// goes on in part. They load in the call (`ui/media-trouble.ts`).

import { teach } from "./index";

export const media = {
	signalling_own: "Sound and picture go on. Chat and drawings wait until the server can be reached again.",
	signalling_other:
		"Sound and picture go on. What {name} writes and draws comes once their page reaches the server again.",
	data_used: "Data used: {amount}",
	stills_own:
		"The connection is too slow for video. {name} sees a still picture of your camera every few seconds. Sound goes on.",
	stills_other:
		"The connection is too slow for video. A still picture from {name} comes every few seconds. Sound goes on.",
	offer_refused: "Sound and picture cannot start: {why}. Please update this browser or open the link in another one.",
	offer_sections: "this browser asks for other kinds of media than a call has",
	offer_payload_types: "this browser uses one number for two media formats",
	offer_ice_lite: "this browser waits to be called, and so does the server",
	offer_simulcast: "this browser wants to send several pictures at once",
	offer_setup: "this browser asks for a role that the server has itself",
	offer_fingerprint: "this browser does not name its certificate in a way that can be checked",
	offer_too_long: "this browser’s description of its media is too long",
	offer_codecs: "this browser has no sound or picture format in common with the server",
	offer_malformed: "this browser’s description of its media cannot be read",
	offer_unknown: "the server does not accept what this browser offers",
	gone_messages: "The server ended this connection because this browser sent too many messages. It is being restored.",
	gone_work: "The server ended this connection because this browser kept it too busy. It is being restored.",
	picture_undecodable:
		"This browser cannot show {name}’s camera: it lacks the video format. Please use another browser.",
	picture_unseen: "{name} cannot see your camera: their browser lacks the video format. Another browser helps.",
};

teach(media);
