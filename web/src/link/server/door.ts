// How requests of this page name the door that they come through. They name none, except in a frame
// of another program (`agent/embed/listen.ts`): there the cookie of that door counts alone.

/** Headers of every request to the API. */
export const doorHeaders: Record<string, string> = {};

/** Further subprotocols of a WebSocket, where a page sets no header. */
export const doorProtocols: string[] = [];
