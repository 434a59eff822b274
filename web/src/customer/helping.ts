import { later } from "../ui/later";

/** The screens around a call. */
export const help = later(() => import("./help"));
