import { signal } from "@preact/signals";

/**
 * The person has ended the call and the server has not confirmed it yet: nothing of it is heard any
 * more.
 */
export const ending = signal(false);
