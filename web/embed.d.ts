// The messages between your page and the frame with Sightline's page `/embed`. `docs/embed.md` says
// how to begin; `docs/embed-example.html` is a whole page.
//
// Post to the frame with Sightline's origin as the target, never with `*`. Listen only to messages
// whose `source` is the frame's window and whose `origin` is Sightline's.

/** What your page says to the frame. */
export type HostSays = SignsIn | SignsOut;

/**
 * Signs the agent in. Say it once the frame has loaded, and again whenever the frame says `renew`,
 * each time with a token of its own. A frame that is signed in already reads only the token.
 */
export interface SignsIn {
	sightline: 1;
	type: "token";
	/** From `POST /api/v1/embed-tokens`, for the origin of your page. Good for 60 seconds, once. */
	token: string;
	/** Fills in the form of a new call. */
	prefill?: {
		/** As somebody would type it, or in E.164 form. */
		number?: string;
		/** 8 to 20 characters. */
		reference?: string;
		/** Of the text message: a language tag (BCP 47). */
		language?: string;
	};
	/** Opens this call: the `id` that `POST /api/v1/invites` answered. */
	call?: string;
}

/** Signs the agent out, and ends sound and picture of the frame. The call itself goes on. */
export interface SignsOut {
	sightline: 1;
	type: "sign-out";
}

/** What the frame says to your page. Ignore a `type` that you do not know: later ones may come. */
export type FrameSays = FrameNeeds | CallNews;

export interface FrameNeeds {
	sightline: 1;
	/**
	 * `ready`: the agent is signed in. `renew`: the sign-in ends within ten minutes, or has ended.
	 * Say another token.
	 */
	type: "ready" | "renew";
}

/** Something happened in a call. After a reload of the frame, `joined` may come again. */
export interface CallNews {
	sightline: 1;
	/**
	 * `invited`: the agent began the call here. `joined`: the customer is in the call.
	 * `picture`: one more picture is kept. `ended`: the call or its invite is over.
	 */
	type: "invited" | "joined" | "picture" | "ended";
	/** The call's id, as in `/api/v1/calls/{id}`. */
	call: string;
}
