import fc from "fast-check";
import { asset, page, tokens, USER, workOrder } from "./fixtures.ts";
import type { RawReply } from "./raw-server.ts";

/* Everything that a server, a proxy or a broken network may send in place of an answer. */

export interface ArbitraryReply extends RawReply {
  readonly status: number;
  /** The body has nothing but blanks, so that there are no words of the server to keep. */
  readonly blank: boolean;
}

const DONE = { success: true, message: "Service is up and running" };
/** Fits most calls at once, since unknown fields are ignored. */
const VERSATILE = { ...tokens(), ...USER, ...workOrder(), ...page([workOrder()]), ...DONE };
const RECORDS = [VERSATILE, asset(), page([]), VERSATILE];

const fitting = fc.constantFrom(...RECORDS).map((record) => JSON.stringify(record));

/** A record of which one field is something else. */
const almost = fc
  .tuple(fc.constantFrom<Record<string, unknown>>(...RECORDS), fc.nat(), fc.jsonValue())
  .map(([record, index, value]) => {
    const names = Object.keys(record);
    return JSON.stringify({ ...record, [names[index % names.length] ?? ""]: value });
  });
const cut = fc.tuple(fitting, fc.nat(400)).map(([json, length]) => json.slice(0, length));
const said = fc.string({ maxLength: 60 }).map((message) => JSON.stringify({ success: false, message }));
const webPage = fc.constant("<!doctype html><html><title>502 Bad Gateway</title><h1>nginx</h1></html>");
const deep = fc.integer({ min: 1, max: 20_000 }).map((depth) => "[".repeat(depth));
const huge = fc.integer({ min: 60_000, max: 200_000 }).map((length) => "x ".repeat(length / 2));
const dotted = fc.integer({ min: 1, max: 70_000 }).map((length) => "a.".repeat(length / 2));

const body: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 10, arbitrary: fitting.map(Buffer.from) },
  { weight: 6, arbitrary: almost.map(Buffer.from) },
  { weight: 3, arbitrary: cut.map(Buffer.from) },
  { weight: 3, arbitrary: said.map(Buffer.from) },
  { weight: 3, arbitrary: fc.json({ maxDepth: 3 }).map(Buffer.from) },
  { weight: 2, arbitrary: fc.constantFrom("", " ", "null", "{}", "[]", "0", '""').map(Buffer.from) },
  { weight: 2, arbitrary: webPage.map(Buffer.from) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.oneof(deep, huge, dotted).map(Buffer.from) },
);

const status = fc.oneof(
  { weight: 8, arbitrary: fc.constant(200) },
  { weight: 5, arbitrary: fc.constantFrom(400, 401, 403, 404, 406, 409, 422, 429, 500, 502, 503, 504) },
  { weight: 2, arbitrary: fc.constantFrom(201, 202, 204, 205, 206, 226, 299, 300, 301, 302, 304, 307, 399) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(100, 101, 102, 103, 199, 418, 451, 499, 501, 507, 511, 599, 600, 999, 0),
  },
);

const extraHeaders = fc.subarray(
  [
    "Content-Type: application/json",
    "Content-Type: text/html; charset=iso-8859-1",
    "Content-Type: ",
    "Retry-After: 1",
    "Retry-After: soon",
    "Retry-After: 99999999999999999999",
    "Retry-After: -5",
    "Location: /login",
    "Set-Cookie: a=b",
    "Content-Encoding: gzip",
    "X-Odd: \x01\xff",
    "Connection: close",
    `X-Long: ${"y".repeat(20_000)}`,
    "no colon here",
    " folded: header",
  ],
  { maxLength: 3 },
);

type Framing =
  | "right"
  | "short"
  | "long"
  | "none"
  | "chunked"
  | "broken chunk"
  | "both"
  | "double"
  | "negative";

const framing = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Framing>("right") },
  { weight: 4, arbitrary: fc.constant<Framing>("chunked") },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Framing>(
      "short",
      "long",
      "none",
      "broken chunk",
      "both",
      "double",
      "negative",
    ),
  },
);

const afterwards = fc.oneof(
  { weight: 20, arbitrary: fc.constant<RawReply["afterwards"]>("keep") },
  { weight: 4, arbitrary: fc.constant<RawReply["afterwards"]>("end") },
  { weight: 2, arbitrary: fc.constant<RawReply["afterwards"]>("reset") },
);

/** Most are HTTP of some kind and broken in one way or another; some are no HTTP at all, or stop in the middle. */
export const reply: fc.Arbitrary<ArbitraryReply> = fc
  .record({
    status,
    body,
    headers: extraHeaders,
    framing,
    afterwards,
    pieces: fc.oneof(
      { weight: 6, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: 2, max: 9 }) },
    ),
    start: fc.oneof(
      { weight: 30, arbitrary: fc.constant("HTTP/1.1") },
      fc.constantFrom("HTTP/1.0", "HTTP/9.9", "ICY", ""),
    ),
    cutAt: fc.oneof(
      { weight: 30, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    ),
  })
  .map(({ status, body, headers, framing, afterwards, pieces, start, cutAt }) => {
    const head = [
      `${start} ${String(status).padStart(3, "0")} Odd`,
      ...headers,
      ...framingHeaders(framing, body),
    ];
    const bytes = Buffer.concat([
      Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"),
      framed(framing, body),
    ]);
    const sent = bytes.subarray(0, Math.ceil(bytes.length * cutAt));
    return { status, blank: body.toString("utf8").trim() === "", bytes: sent, afterwards, pieces };
  });

function framingHeaders(framing: Framing, { length }: Buffer): string[] {
  switch (framing) {
    case "right":
      return [`Content-Length: ${length}`];
    case "short":
      return [`Content-Length: ${Math.floor(length / 2)}`];
    case "long":
      return [`Content-Length: ${length + 7}`];
    case "none":
      return [];
    case "chunked":
    case "broken chunk":
      return ["Transfer-Encoding: chunked"];
    case "both":
      return [`Content-Length: ${length}`, "Transfer-Encoding: chunked"];
    case "double":
      return [`Content-Length: ${length}`, `Content-Length: ${length + 1}`];
    case "negative":
      return ["Content-Length: -1"];
  }
}

function framed(framing: Framing, body: Buffer): Buffer {
  if (framing === "broken chunk") return Buffer.concat([Buffer.from("zz\r\n"), body]);
  if (framing !== "chunked") return body;
  const chunk =
    body.length === 0 ? [] : [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")];
  return Buffer.concat([...chunk, Buffer.from("0\r\n\r\n")]);
}
