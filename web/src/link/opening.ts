import { later } from "../ui/later";

/** What a call needs besides its screen and its devices. */
export const opening = later(() => import("./open"));
