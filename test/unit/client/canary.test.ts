import { tracingChannel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AtlasClient, type OperationEvent } from "../../../client/index.ts";
import { EMAIL, ME, REFRESH, SIGN_IN, tokens, USER, VirtualClock } from "./fixtures.ts";
import { type Received, type Reply, ScriptedServer } from "./scripted-server.ts";

/** With characters that JSON, HTML and URLs write in another way. */
const PASSWORD = 'Xyzzy "horse" & <9> é';
const NEW_PASSWORD = "N3w xyzzy & battery";
const KEY = "xyzzy-api-key-5f1d";

/** Everything that a program could write to a log: spans, diagnostics messages, errors, the client itself. */
const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const events: OperationEvent[] = [];
const remember = (message: unknown) => events.push({ ...(message as OperationEvent) });
const channel = tracingChannel<unknown, OperationEvent>("atlas:operation");
const handlers = {
  start: remember,
  end: remember,
  asyncStart: remember,
  asyncEnd: remember,
  error: remember,
};

beforeAll(() => {
  provider.register();
  channel.subscribe(handlers);
});
afterAll(async () => {
  channel.unsubscribe(handlers);
  await provider.shutdown();
});

function shown(value: unknown): string {
  return `${inspect(value, { depth: 20, showHidden: true, maxStringLength: null })}\n${JSON.stringify(value)}`;
}

function spansShown(): string {
  return exporter
    .getFinishedSpans()
    .map(({ name, attributes, events, status }) =>
      inspect({ name, attributes, events, status }, { depth: 9 }),
    )
    .join("\n");
}

/** What a request was sent with and the client's own secret, in every spelling that an answer might use. */
function echoOf({ headers }: Received, secret: string): string {
  const html = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const spellings = [
    secret,
    encodeURIComponent(secret),
    html,
    html.replaceAll('"', "&quot;"),
    JSON.stringify(secret),
  ];
  return [headers.authorization, headers["x-api-key"], ...spellings].join(" ");
}

/** Answers that repeat what they were asked with. */
const ECHOES: readonly [string, (request: Received, secret: string) => Reply][] = [
  [
    "a message",
    (request, secret) => ({ status: 400, json: { success: false, message: echoOf(request, secret) } }),
  ],
  ["plain text", (request, secret) => ({ status: 500, text: echoOf(request, secret) })],
  ["a web page", (request, secret) => ({ status: 404, text: `<html>${echoOf(request, secret)}</html>` })],
  [
    "JSON without a message",
    (request, secret) => ({ status: 422, json: { errors: [echoOf(request, secret)] } }),
  ],
  ["a redirect", (request, secret) => ({ status: 302, text: echoOf(request, secret) })],
  ["a 2xx that does not fit", (request, secret) => ({ json: { ...USER, id: echoOf(request, secret) } })],
  ["a broken answer", (request, secret) => ({ text: echoOf(request, secret), fault: "truncate" })],
  ["no answer", () => ({ fault: "reset" })],
];

describe.each([
  [PASSWORD, { email: EMAIL, password: PASSWORD }],
  [KEY, { apiKey: KEY }],
])("a client with %s", (secret, credentials) => {
  test.each(ECHOES)("shows no secret after %s that repeats it", async (_what, reply) => {
    await using server = await ScriptedServer.start();
    const given = tokens();
    server.on(SIGN_IN, { json: given }).on(ME, (request) => reply(request, secret));
    await using client = new AtlasClient(
      { baseUrl: server.url, maxRetries: 1, ...credentials },
      { clock: new VirtualClock() },
    );
    events.length = 0;
    exporter.reset();
    const failure = await client.me().catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(Error);
    expect(events.at(-1)).toMatchObject({ operation: "users.me", error: failure });
    const log = [shown(client), shown(failure), shown(events), spansShown()].join("\n");
    expect(log).toContain("atlas_get_me");
    expect(log).not.toMatch(/xyzzy/i);
    expect(log).not.toContain(given.accessToken);
    expect(log).not.toContain(given.refreshToken);
  });
});

test("a session's whole life shows no token and no password", async () => {
  await using server = await ScriptedServer.start();
  const clock = new VirtualClock();
  const [first, second, third] = [tokens(), tokens(), tokens()];
  server
    .on(SIGN_IN, { json: first })
    .on(REFRESH, { json: second })
    .on("POST /auth/updatepwd", { json: third })
    .on("POST /auth/logout", { json: { success: true, message: "Logged out successfully" } })
    .on(ME, { json: USER }, (request) => ({ status: 400, json: { message: echoOf(request, PASSWORD) } }));
  events.length = 0;
  exporter.reset();
  await using client = new AtlasClient({ baseUrl: server.url, email: EMAIL, password: PASSWORD }, { clock });
  await client.me();
  clock.advance(1_700_000);
  await client.changePassword(PASSWORD, NEW_PASSWORD);
  const failure = await client.me().catch((cause: unknown) => cause);
  await client.signOut();
  const log = [shown(client), shown(failure), shown(events), spansShown()].join("\n");
  for (const operation of ["session.signIn", "session.refresh", "changePassword", "signOut"]) {
    expect(log).toContain(operation);
  }
  const secrets = [first, second, third].flatMap(({ accessToken, refreshToken }) => [
    accessToken,
    refreshToken,
  ]);
  for (const secret of [PASSWORD, NEW_PASSWORD, ...secrets]) expect(log).not.toContain(secret);
});

test("a password is still taken out of what a server says after many renewals", async () => {
  await using server = await ScriptedServer.start();
  const clock = new VirtualClock();
  const anew = () => ({ json: tokens() });
  server.on(SIGN_IN, anew).on(REFRESH, anew).on(ME, { json: USER });
  await using client = new AtlasClient({ baseUrl: server.url, email: EMAIL, password: PASSWORD }, { clock });
  for (let hour = 0; hour < 40; hour += 1) {
    await client.me();
    clock.advance(1_700_000);
  }
  expect(server.count(REFRESH)).toBeGreaterThan(30);
  server.on(ME, { status: 400, json: { message: `bad ${PASSWORD}` } });
  const failure = await client.me().catch((cause: unknown) => cause);
  expect(shown(failure)).toContain("bad [secret]");
});

describe("events on the diagnostics channel", () => {
  test("tell of an operation and of the sign-in within it, from start to end", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, { json: tokens() }).on(ME, { status: 503 }, { json: USER });
    await using client = new AtlasClient(
      { baseUrl: server.url, email: EMAIL, password: PASSWORD },
      { clock: new VirtualClock(), random: () => 1 },
    );
    const ended: OperationEvent[] = [];
    const started: string[] = [];
    const listener = {
      ...handlers,
      start: ({ operation }: OperationEvent) => started.push(operation),
      asyncEnd: (message: OperationEvent) => ended.push(message),
    };
    channel.subscribe(listener);
    await client.me();
    channel.unsubscribe(listener);
    expect(started).toEqual(["users.me", "session.signIn"]);
    expect(ended.map(({ operation }) => operation)).toEqual(["session.signIn", "users.me"]);
    expect(ended[1]).toMatchObject({
      baseUrl: server.url,
      correlationId: server.requests(ME)[0]?.headers["x-request-id"],
      attempts: 2,
      retries: 1,
      waitedMs: 1_000,
      status: 200,
      tokenCached: false,
      durationMs: expect.any(Number),
    });
    expect(ended.map((event) => "result" in event && event.result)).toEqual([undefined, undefined]);
  });
});
