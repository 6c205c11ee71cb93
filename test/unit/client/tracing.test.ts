import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pathTemplate, spanName } from "../../../client/span-names.ts";
import { EMAIL, ME, PASSWORD, refusal, SIGN_IN, tokens, USER, workOrder } from "./fixtures.ts";
import { metricsOf, OtlpReceiver, type ReceivedSpan, spansOf } from "./otlp-receiver.ts";
import { ScriptedServer } from "./scripted-server.ts";

const REPO = resolve(import.meta.dirname, "../../..");
const LANGSMITH_KEY = "lsv2_canary_key";
const CREATE = "POST /work-orders";

/** What a program does with the client; nothing in it is about tracing. */
const APP = `
import { AtlasClient } from "${REPO}/client/index.ts";
await using client = AtlasClient.fromEnv();
const order = await client.workOrders.create({ title: "Fix pump" });
await client.workOrders.get(order.id).catch(() => undefined);
await client.me();
`;

async function codeBlock(language: "js" | "sh"): Promise<string> {
  const page = await readFile(join(REPO, "docs/tracing.md"), "utf8");
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1];
  if (block === undefined) throw new Error(`docs/tracing.md has no ${language} block`);
  return block;
}

/** The documented environment, with the receiver in LangSmith's place. */
async function environment(receiver: OtlpReceiver): Promise<Record<string, string>> {
  const lines = (await codeBlock("sh")).trim().split("\n");
  const documented = Object.fromEntries(
    lines.map((line) => {
      const [name = "", ...value] = line.split("=");
      const filled = value
        .join("=")
        .replace("https://api.smith.langchain.com", receiver.url)
        .replace("<LangSmith API key>", LANGSMITH_KEY)
        .replace("<project>", "maintenance");
      return [name, filled];
    }),
  );
  return { ...documented, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/v1/metrics` };
}

describe("with the set-up of docs/tracing.md, verbatim, a receiver in LangSmith's place", () => {
  const given = tokens();
  let server: ScriptedServer;
  let receiver: OtlpReceiver;
  let folder: string;
  let spans: ReceivedSpan[];

  beforeAll(async () => {
    server = await ScriptedServer.start();
    receiver = await OtlpReceiver.start();
    server
      .on(SIGN_IN, { json: given })
      .on(CREATE, { json: workOrder({ id: 7 }) })
      .on("GET /work-orders/7", refusal(404, `Work Order not found for ${given.accessToken} ${PASSWORD}`))
      .on(ME, { status: 503 }, { json: USER });
    folder = await mkdtemp(join(tmpdir(), "atlas-tracing-"));
    await symlink(join(REPO, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "tracing.mjs"), await codeBlock("js"));
    await writeFile(join(folder, "app.mjs"), APP);
    await promisify(execFile)(process.execPath, ["--import", "./tracing.mjs", "app.mjs"], {
      cwd: folder,
      env: {
        ...(await environment(receiver)),
        ATLAS_BASE_URL: server.url,
        ATLAS_EMAIL: EMAIL,
        ATLAS_PASSWORD: PASSWORD,
      },
    });
    spans = receiver.to("/otel/v1/traces").flatMap(({ bytes }) => spansOf(bytes));
  }, 30_000);

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  function span(name: string): ReceivedSpan {
    const found = spans.find((each) => each.name === name);
    if (found === undefined)
      throw new Error(`no span ${name} among ${spans.map((each) => each.name).join(", ")}`);
    return found;
  }

  const childrenOf = (parent: ReceivedSpan) =>
    spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);

  test("spans have the names and the order of A7, one for each request below its operation", () => {
    const create = span("atlas_create_work_order");
    expect(create.parentSpanId).toBe("");
    expect(childrenOf(create).map(({ name }) => name)).toEqual(["atlas_authenticate", "atlas_request"]);
    expect(childrenOf(span("atlas_authenticate")).map(({ name }) => name)).toEqual(["atlas_request"]);
    expect(spans.filter(({ traceId }) => traceId === create.traceId)).toHaveLength(4);
    expect(childrenOf(span("atlas_get_me"))).toHaveLength(2);
  });

  test("attributes tell attempts, status, whether the token was cached, and the correlation id", () => {
    const me = span("atlas_get_me").attributes;
    expect(me).toMatchObject({
      "atlas.operation": "users.me",
      "atlas.attempts": 2,
      "atlas.retries": 1,
      "atlas.token_cached": true,
      "http.response.status_code": 200,
      "server.address": "127.0.0.1",
    });
    expect(me["atlas.waited_ms"]).toBeLessThanOrEqual(1_000);
    expect(me["atlas.correlation_id"]).toBe(server.requests(ME)[0]?.headers["x-request-id"]);
    expect(span("atlas_create_work_order").attributes["atlas.token_cached"]).toBe(false);
    const [first, second] = childrenOf(span("atlas_get_me"));
    expect(first).toMatchObject({
      failed: true,
      attributes: { "error.type": "503", "url.template": "/auth/me" },
    });
    expect(second).toMatchObject({
      failed: false,
      attributes: { "http.request.method": "GET", "http.request.resend_count": 1 },
    });
  });

  test("a failure is recorded with its class and message", () => {
    const get = span("atlas_get_work_order");
    expect(get).toMatchObject({ failed: true, attributes: { "error.type": "AtlasNotFoundError" } });
    expect(get.events[0]).toMatchObject({
      "exception.type": "AtlasNotFoundError",
      "exception.message": expect.stringMatching(/Work Order not found for \[secret\] \[secret\]/),
    });
    expect(childrenOf(get)[0]?.attributes["url.template"]).toBe("/work-orders/{id}");
  });

  test("requests carry the span that sent them as W3C traceparent", () => {
    const [sent] = childrenOf(span("atlas_create_work_order")).filter(({ name }) => name === "atlas_request");
    const traceparent = server.requests(CREATE)[0]?.headers.traceparent;
    expect(traceparent).toBe(`00-${sent?.traceId}-${sent?.spanId}-01`);
  });

  test("the export has LangSmith's headers, the metrics do not, and the resource names the service", () => {
    const [traces] = receiver.to("/otel/v1/traces");
    expect(traces?.headers).toMatchObject({ "x-api-key": LANGSMITH_KEY, "langsmith-project": "maintenance" });
    expect(receiver.to("/v1/metrics")[0]?.headers).not.toHaveProperty("x-api-key");
    expect(spans[0]?.resource["service.name"]).toBe("maintenance-bot");
  });

  test("metrics count durations, errors, retries, sign-ins and cached tokens", () => {
    const metrics = receiver.to("/v1/metrics").flatMap(({ bytes }) => metricsOf(bytes));
    const points = (name: string) => metrics.find((metric) => metric.name === name)?.points;
    const duration = points("atlas.client.operation.duration") ?? [];
    expect(duration.map(({ attributes }) => attributes["atlas.operation"]).sort()).toEqual([
      "session.signIn",
      "users.me",
      "workOrders.create",
      "workOrders.get",
    ]);
    expect(duration.every(({ value }) => value === 1)).toBe(true);
    expect(points("atlas.client.operation.errors")).toEqual([
      { value: 1, attributes: { "atlas.operation": "workOrders.get", "error.type": "AtlasNotFoundError" } },
    ]);
    expect(points("atlas.client.retries")).toEqual([
      { value: 1, attributes: { "atlas.operation": "users.me" } },
    ]);
    expect(points("atlas.client.sign_ins")).toEqual([
      { value: 1, attributes: { "atlas.sign_in": "password" } },
    ]);
    expect(points("atlas.client.cached_tokens")).toEqual([{ value: 2, attributes: {} }]);
  });

  test("no token, password, or its owner's key is anywhere in the bytes", () => {
    const all = Buffer.concat(receiver.exports.map(({ bytes }) => bytes)).toString("latin1");
    expect(all).toContain("atlas_create_work_order");
    for (const secret of [PASSWORD, given.accessToken, given.refreshToken, LANGSMITH_KEY, "signature-"]) {
      expect(all).not.toContain(secret);
    }
  });
});

describe("names", () => {
  test.each([
    ["workOrders.create", "atlas_create_work_order"],
    ["workOrders.get", "atlas_get_work_order"],
    ["workOrders.list", "atlas_list_work_orders"],
    ["workOrders.complete", "atlas_complete_work_order"],
    ["workOrders.changeStatus", "atlas_change_work_order_status"],
    ["assets.search", "atlas_search_assets"],
    ["categories.create", "atlas_create_category"],
    ["session.signIn", "atlas_authenticate"],
    ["session.refresh", "atlas_refresh_session"],
    ["health", "atlas_health"],
    ["changePassword", "atlas_change_password"],
    ["request", "atlas_raw_request"],
  ])("%s is %s", (operation, name) => {
    expect(spanName(operation)).toBe(name);
  });

  test.each([
    ["/work-orders/7/change-status", "/work-orders/{id}/change-status"],
    ["/auth/ada@acme.test?token=x", "/auth/{id}"],
    ["/requests/portal/0123456789abcdef0123456789abcdef0", "/requests/portal/{id}"],
    ["/work-orders/search", "/work-orders/search"],
  ])("%s is told as %s", (path, template) => {
    expect(pathTemplate(path)).toBe(template);
  });
});
