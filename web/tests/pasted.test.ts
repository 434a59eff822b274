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
	["other digits", "CASE-00042, ٠١٥١٢٣٤٥٦٧٨", { number: "٠١٥١٢٣٤٥٦٧٨", reference: "CASE-00042" }],
	["brackets", "CASE-00042 | (0151) 123-456/78", { number: "(0151) 123-456/78", reference: "CASE-00042" }],
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
