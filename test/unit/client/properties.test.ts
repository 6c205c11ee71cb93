import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AtlasClient, AtlasError } from "../../../client/index.ts";
import { type ArbitraryReply, reply } from "./arbitrary-replies.ts";
import { EMAIL, PASSWORD, tokens, VirtualClock } from "./fixtures.ts";
import { type RawReply, RawServer } from "./raw-server.ts";

/*
 * Whatever a server sends, a call ends in time, either with a value that fits or with an error that keeps what happened.
 * 10,000 cases; on a failure fast-check prints the seed and the smallest case.
 */

const ATTEMPT_MS = 60;
/** Far beyond all attempts of a call together: a call that takes longer hangs. */
const HUNG_MS = 8_000;

const crashes: unknown[] = [];
const crashed = (cause: unknown) => crashes.push(cause);

beforeAll(() => {
  process.on("unhandledRejection", crashed);
  process.on("uncaughtException", crashed);
});
afterAll(() => {
  process.off("unhandledRejection", crashed);
  process.off("uncaughtException", crashed);
});

type Call = (client: AtlasClient) => Promise<{ readonly id?: number } | unknown>;

const CALLS: Readonly<Record<string, Call>> = {
  health: (client) => client.health(),
  me: (client) => client.me(),
  get: (client) => client.workOrders.get(7),
  list: (client) => client.workOrders.list(),
  create: (client) => client.workOrders.create({ title: "Fix pump" }),
  update: (client) => client.workOrders.update(7, { title: "Fix pumps" }),
  complete: (client) => client.workOrders.complete(7),
  delete: (client) => client.workOrders.delete(7),
  asset: (client) => client.assets.get(7),
};

const someCall = fc.constantFrom(...Object.keys(CALLS));

function clientAt(server: RawServer): AtlasClient {
  return new AtlasClient(
    {
      baseUrl: server.url,
      email: EMAIL,
      password: PASSWORD,
      timeoutMs: ATTEMPT_MS,
      totalTimeoutMs: 86_400_000,
      maxRetries: 1,
      rateLimits: false,
      circuitBreaker: false,
    },
    { clock: new VirtualClock() },
  );
}

function ok(json: unknown): RawReply {
  const body = JSON.stringify(json);
  const bytes = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  return { bytes, afterwards: "keep", pieces: 1 };
}

const outcomes = new Map<string, number>();

/** Makes the call and judges how it ends. */
async function judge(call: string, client: AtlasClient, sent: readonly ArbitraryReply[]): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${call} hung for ${HUNG_MS} ms`)), HUNG_MS);
  try {
    const value = await Promise.race([CALLS[call]?.(client), late.promise]);
    count("a value");
    if (["get", "create", "update", "complete", "asset", "me"].includes(call)) {
      expect(value).toMatchObject({ id: expect.any(Number) });
    }
    if (call === "list")
      expect(value).toMatchObject({ content: expect.any(Array), totalElements: expect.any(Number) });
  } catch (cause) {
    if (!(cause instanceof AtlasError)) throw cause;
    count(cause.name);
    expect(cause.message).toMatch(/^Could not .+\.$/s);
    expect(cause.message.length).toBeLessThan(2_000);
    expect(keepsWhatHappened(cause, sent), cause.stack).toBe(true);
  } finally {
    clearTimeout(timer);
  }
}

function count(outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

/** A broken connection has its cause, an answer its words, or a place where it does not fit; a bare status has no more. */
function keepsWhatHappened({ cause, details }: AtlasError, sent: readonly ArbitraryReply[]): boolean {
  const { serverMessage, mismatch, status } = details;
  if (cause !== undefined || serverMessage !== undefined || mismatch !== undefined) return true;
  const bodyless = (reply: ArbitraryReply) => reply.blank || [204, 205, 304].includes(reply.status);
  return sent.some((reply) => reply.status === status && (bodyless(reply) || isCutShort(reply)));
}

/** An error's body may end early, in its very beginning too. */
function isCutShort({ bytes }: ArbitraryReply): boolean {
  const head = bytes.indexOf("\r\n\r\n");
  return (
    head < 0 ||
    bytes
      .subarray(head + 4)
      .toString("utf8")
      .trim() === "" ||
    /^Content-Length: (0|1)\r/m.test(bytes.toString("latin1", 0, head + 4))
  );
}

/** One server with one script at a time, whose replies go to the requests in turn; the last one stays. */
class Lane {
  readonly #script: ArbitraryReply[] = [];
  readonly sent: ArbitraryReply[] = [];

  begin(replies: readonly ArbitraryReply[]): void {
    this.#script.splice(0, this.#script.length, ...replies);
    this.sent.length = 0;
  }

  next(): ArbitraryReply {
    const reply = this.#script.length > 1 ? this.#script.shift() : this.#script[0];
    if (reply === undefined) throw new Error("a request without a call");
    this.sent.push(reply);
    return reply;
  }
}

const replies = fc.array(reply, { minLength: 1, maxLength: 3 });

async function whileSignedIn(numRuns: number): Promise<void> {
  const lane = new Lane();
  const isSession = (line: string) => line.includes("/auth/signin") || line.includes("/auth/refresh");
  await using server = await RawServer.start((line) => (isSession(line) ? ok(tokens()) : lane.next()));
  await using client = clientAt(server);
  const property = fc.asyncProperty(someCall, replies, async (call, script) => {
    lane.begin(script);
    await judge(call, client, lane.sent);
  });
  await fc.assert(property, { numRuns });
}

async function fromTheSignInOn(numRuns: number): Promise<void> {
  const lane = new Lane();
  await using server = await RawServer.start(() => lane.next());
  const property = fc.asyncProperty(someCall, replies, async (call, script) => {
    lane.begin(script);
    await using client = clientAt(server);
    await judge(call, client, lane.sent);
  });
  await fc.assert(property, { numRuns });
}

/** Most of the time goes into waiting for attempts to time out: that can be done side by side. */
function sideBySide(lanes: number, total: number, run: (numRuns: number) => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: lanes }, () => run(total / lanes)));
}

describe("whatever a server sends", () => {
  test("to a client that is signed in", { timeout: 120_000 }, async () => {
    await sideBySide(6, 9_000, whileSignedIn);
  });

  test("to the sign-in and all that follows", { timeout: 120_000 }, async () => {
    await sideBySide(4, 1_000, fromTheSignInOn);
  });

  test("nothing crashed, and every kind of outcome was among the cases", () => {
    expect(crashes).toEqual([]);
    const kinds = [
      "a value",
      "AtlasApiError",
      "AtlasAuthError",
      "AtlasNotFoundError",
      "AtlasPermissionError",
    ];
    kinds.push("AtlasRateLimitError", "AtlasSchemaError", "AtlasValidationError");
    expect([...outcomes.keys()].sort()).toEqual(expect.arrayContaining(kinds));
    expect([...outcomes.values()].reduce((total, each) => total + each)).toBeGreaterThanOrEqual(10_000);
  });
});
