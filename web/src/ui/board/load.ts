// The board is loaded while the call runs: nobody needs it before.

import { later } from "../later";

export const board = later(() => import("./Board").then(({ Board }) => Board));
