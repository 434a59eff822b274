import { later } from "../ui/later";

/** The call's screen. */
export const inCall = later(() => import("./in-call"));
