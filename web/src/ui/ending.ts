import { signal } from "@preact/signals";

/** The person ended the call and the server has not confirmed it yet: all sound is off. */
export const ending = signal(false);
