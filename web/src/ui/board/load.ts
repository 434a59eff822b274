// The board loads during the call, since it is not needed earlier.

import { later } from "../later";

export const board = later(() => import("./Board").then(({ Board }) => Board));
