import { later } from "../ui/later";

/** The screens that help with a trouble. */
export const help = later(() => import("./help"));
