import { expect, test } from "vitest";
import { afterSignOut, unfinished } from "../src/agent/entrance";

test("the callback address says how a sign-in ended, in one of two words", () => {
	expect(unfinished("?sign-in=failed")).toBe("failed");
	expect(unfinished("?sign-in=revoked")).toBe("revoked");
	expect(unfinished("?x=1&sign-in=cancelled")).toBe("cancelled");
	for (const search of [
		"",
		"?",
		"?sign-in",
		"?sign-in=",
		"?sign-in=FAILED",
		"?sign-in=<b>",
		"?sign-out=failed",
		"?signin=failed",
	]) {
		expect(unfinished(search), search).toBeNull();
	}
});

test("signing out leads to the provider over https, or on this machine", () => {
	for (const next of [
		"https://sign-in.example.com/logout?client_id=abc",
		"http://127.0.0.1:4566/logout",
		"http://localhost/logout",
		"http://[::1]:4566/logout",
	]) {
		expect(afterSignOut(next)).toBe(next);
	}
	for (const next of [
		undefined,
		"",
		"/logout",
		"//evil.example",
		"http://sign-in.example.com/logout",
		"http://127.0.0.1.evil.example/",
		"http://localhost@evil.example/",
		"javascript:alert(1)",
		" javascript:alert(1)",
		"data:text/html,x",
		"ftp://localhost/",
	]) {
		expect(afterSignOut(next), next).toBe("/agent");
	}
});
