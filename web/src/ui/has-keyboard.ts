/** Whether this device has most probably a real keyboard: a mouse comes with one. */
export const hasKeyboard = (): boolean => matchMedia("(hover: hover) and (pointer: fine)").matches;
