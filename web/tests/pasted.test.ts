// Lines as people copy them from spreadsheets, mails and claims systems.

import { expect, test } from "vitest";
import { readLine } from "../src/agent/pasted";

const NUMBER = "+49 151 12345678";
const FOUND = { number: NUMBER, reference: "CASE-00042" };

test.each([
	["with a comma", "CASE-00042, +49 151 12345678", FOUND],
	["two cells of a spreadsheet", "CASE-00042\t+49 151 12345678", FOUND],
	["the other way round", "+49 151 12345678\tCASE-00042", FOUND],
	["a line of CSV of another country", "CASE-00042;+49 151 12345678\r\n", FOUND],
	["two lines", "CASE-00042\n+49 151 12345678", FOUND],
	["a space alone", "CASE-00042 +49 151 12345678", FOUND],
	["a space alone, the other way round", "+49 151 12345678 CASE-00042", FOUND],
	["a national number", "CASE-00042, 0151 123 456 78", { number: "0151 123 456 78", reference: "CASE-00042" }],
	["a reference of digits", "20260042, 0151 12345678", { number: "0151 12345678", reference: "20260042" }],
	["such a one behind", "+49 151 12345678, 20260042", { number: NUMBER, reference: "20260042" }],
	[
		"a national number before a reference of digits",
		"0151 12345678, 20260042",
		{ number: "0151 12345678", reference: "20260042" },
	],
	[
		"a number in brackets before one",
		"(0151) 123-456/78\t20260042",
		{ number: "(0151) 123-456/78", reference: "20260042" },
	],
	[
		"two that could be either, in the usual order",
		"20260042, 15112345678",
		{ number: "15112345678", reference: "20260042" },
	],
	["other digits", "CASE-00042, ٠١٥١٢٣٤٥٦٧٨", { number: "٠١٥١٢٣٤٥٦٧٨", reference: "CASE-00042" }],
	["brackets", "CASE-00042 | (0151) 123-456/78", { number: "(0151) 123-456/78", reference: "CASE-00042" }],
	["cells of a sheet with what wraps a long one", '"CASE-00042"\t"+49 151 12345678"\r\n', FOUND],
	["a line of CSV with quotation marks", '"CASE-00042","+49 151 12345678"', FOUND],
	["typographic quotation marks", "„CASE-00042“; +49 151 12345678", FOUND],
	["what both are called, as in a mail", "Case: CASE-00042, phone: +49 151 12345678", FOUND],
	["what both are called, on two lines", "Reference: CASE-00042\r\nTel.: +49 151 12345678\r\n", FOUND],
	["what the number is called alone", "CASE-00042, Mobile: +49 151 12345678", FOUND],
	["such words before a plus", "Ref: CASE-00042 +49 151 12345678", FOUND],
	["an address of a number", "CASE-00042\ttel:+4915112345678", { number: "+4915112345678", reference: "CASE-00042" }],
	["marks of direction of an address book", "CASE-00042, \u202a+49 151 12345678\u202c", FOUND],
	[
		"a space that does not break",
		"CASE-00042,\u00a0+49\u00a0151\u00a012345678",
		{ ...FOUND, number: "+49\u00a0151\u00a012345678" },
	],
	[
		"commas and digits of other scripts",
		"CASE-00042，＋81 90 1234 5678",
		{ number: "＋81 90 1234 5678", reference: "CASE-00042" },
	],
	["an empty cell between", "CASE-00042\t\t+49 151 12345678", FOUND],
	["semicolons at the end", "CASE-00042;+49 151 12345678;;", FOUND],
	["a reference with a colon in it", "ACME:2026:42, +49 151 12345678", { number: NUMBER, reference: "ACME:2026:42" }],
	["a number that the sheet rounded", "CASE-00042\t4.91511E+12", null],
	["a time and a reference", "CASE-00042, 12:30", null],
	["a mail address", "CASE-00042, ada@example.com", null],
	["words with a colon", "Note: please call back, soon", null],
	["a number alone", "+49 151 12345678", null],
	["a number with a comma in it", "0151, 12345678", null],
	["a reference alone", "CASE-00042", null],
	["two references", "CASE-00042, CASE-00043", null],
	["a reference too short", "A-42, +49 151 12345678", null],
	["three cells", "CASE-00042\tAda\t+49 151 12345678", null],
	["a mail", "Hello, please call me back\n+49 151 12345678\nthank you", null],
	["nothing", "  ", null],
	["very much", "1,".repeat(50_000), null],
] as const)("%s", (_, text, line) => expect(readLine(text)).toEqual(line));
