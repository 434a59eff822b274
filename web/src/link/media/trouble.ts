// What is wrong with the media of a page, if trying again does not help.

import type { OfferFault } from "../../wire/generated";

/**
 * The relay refuses the offer, with its reason (`unknown` without one), or one of the two browsers
 * lacks the other's video format: `undecodable` here, `unseen` there.
 */
export type MediaTrouble = OfferFault | "unknown" | "undecodable" | "unseen";
