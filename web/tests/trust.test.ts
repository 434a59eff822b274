// The certificate that a desk offers to a phone.

import { expect, test } from "vitest";
import { isCertificate } from "../src/link/server/certificate";

test("only a certificate is offered, not a page in its place", () => {
	const answer = (type: string, status = 200) => new Response("", { status, headers: { "content-type": type } });
	expect(isCertificate(answer("application/x-x509-ca-cert"))).toBe(true);
	expect(isCertificate(answer("application/x-x509-ca-cert", 404))).toBe(false);
	expect(isCertificate(answer("text/html; charset=utf-8"))).toBe(false);
});
