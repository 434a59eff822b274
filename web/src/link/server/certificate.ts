// The certificate that a desk offers to the phones of those who try it.

export const CERTIFICATE = "/ca.crt";

/** Whether the server has one to offer. */
export async function offersCertificate(): Promise<boolean> {
	try {
		return isCertificate(await fetch(CERTIFICATE, { method: "HEAD" }));
	} catch {
		return false;
	}
}

/** A server without one may answer with a page. */
export function isCertificate(answer: Pick<Response, "ok" | "headers">): boolean {
	return answer.ok && answer.headers.get("content-type") === "application/x-x509-ca-cert";
}
