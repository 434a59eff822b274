// What is wrong with the media of a page, in words that help more than trying again.

import type { GoneWhy, OfferFault } from "../../wire/generated";

/**
 * The relay refuses the offer, with its reason (`unknown` without one), or one of the two browsers
 * lacks the other's video format: `undecodable` here, `unseen` there. Or the relay let this page go
 * for what it did, and tells until the page is back.
 */
export type MediaTrouble = OfferFault | GoneWhy | "unknown" | "undecodable" | "unseen";
