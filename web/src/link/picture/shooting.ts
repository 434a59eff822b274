// What takes a picture and uploads it. It loads once the page has joined.

import { onceLoaded } from "../once-loaded";

/** Without it a picture is only shown, so a weak network is asked until it comes. */
export const shooting = onceLoaded(() => import("./shot"), Number.POSITIVE_INFINITY);
