import { afterEach, beforeEach, expect, test } from "vitest";
import { validate } from "../../../scripts/lib/validate.ts";
import {
  configurationText,
  isValid,
  type StepResult,
  stepText,
  summaryText,
  type ValidationReport,
} from "../../../scripts/lib/validate-report.ts";
import { steps } from "../../../scripts/lib/validate-steps.ts";
import {
  EMAIL,
  ME,
  PASSWORD,
  REFRESH,
  refusal,
  SIGN_IN,
  SIGNED_OUT,
  USER,
  workOrder,
} from "../client/fixtures.ts";
import { SmallAtlas } from "./small-atlas.ts";

let atlas: SmallAtlas;
beforeEach(async () => {
  atlas = await SmallAtlas.start();
});
afterEach(() => atlas[Symbol.asyncDispose]());

const run = (signal = new AbortController().signal, onStep?: (result: StepResult) => void) =>
  validate(
    { baseUrl: atlas.server.url, email: EMAIL, password: PASSWORD, maxRetries: 0 },
    signal,
    onStep && { onStep },
  );
const statusOf = ({ steps }: ValidationReport, id: string) => steps.find((step) => step.id === id)?.status;
const failed = ({ steps }: ValidationReport) =>
  steps.filter(({ status }) => status === "FAIL").map(({ id }) => id);

test("a working Atlas passes ten of ten with one sign-in, and nothing is left in it", async () => {
  const report = await run();
  expect(failed(report)).toEqual([]);
  expect(report).toMatchObject({ passed: 10, total: 10 });
  expect(isValid(report)).toBe(true);
  expect(atlas.server.count(SIGN_IN)).toBe(1);
  expect(atlas.server.count("POST /work-orders")).toBe(1);
  expect(atlas.orders.size).toBe(0);
});

test("the steps are those of the founding documents, in their order", () => {
  expect(steps.map(({ id }) => id)).toEqual([
    "health",
    "auth",
    "token-cache",
    "create",
    "get",
    "update",
    "list",
    "search-assets",
    "complete",
    "errors",
  ]);
});

test("wrong credentials fail what needs a session, and the health check still passes", async () => {
  atlas.server.on(SIGN_IN, refusal(403, "Invalid credentials"));
  const report = await run();
  expect(statusOf(report, "health")).toBe("PASS");
  expect(report.passed).toBe(1);
  expect(isValid(report)).toBe(false);
  expect(report.steps.find(({ id }) => id === "create")?.detail).toBe(
    'not run, since "Authentication" failed',
  );
});

test("sessions that end by themselves fail the third step", async () => {
  // The first answer is good; each further one means signed out, so the client signs in again.
  atlas.server.on(ME, { json: USER }, SIGNED_OUT);
  const report = await run();
  expect(statusOf(report, "auth")).toBe("PASS");
  expect(statusOf(report, "token-cache")).toBe("FAIL");
  expect(atlas.server.count(SIGN_IN) + atlas.server.count(REFRESH)).toBeGreaterThan(1);
});

test("an update that resets the other fields fails the sixth step only, and the order is deleted", async () => {
  atlas.server.on("PATCH /work-orders/1", () => {
    const reset = { ...atlas.orders.get(1), id: 1, status: "OPEN", description: null, priority: "HIGH" };
    atlas.orders.set(1, reset);
    return { json: reset };
  });
  const report = await run();
  expect(failed(report)).toEqual(["update"]);
  expect(summaryText(report)).toContain("Summary: 9/10 passed");
  expect(atlas.orders.size).toBe(0);
});

test("an unknown order that is found fails the tenth step", async () => {
  atlas.server.on("GET /work-orders/2147483647", { json: workOrder({ id: 2147483647 }) });
  expect(failed(await run())).toEqual(["errors"]);
});

test("what cannot be deleted is named, and the validation has failed", async () => {
  atlas.server.on("DELETE /work-orders/1", refusal(403, "Forbidden"));
  const report = await run();
  expect(report.passed).toBe(10);
  expect(isValid(report)).toBe(false);
  expect(summaryText(report)).toMatch(/Left behind: work order 1 "\[atlas-validate\] .*Forbidden.*by hand/s);
});

test("a stop in the middle ends the steps and deletes what was made", async () => {
  const stop = new AbortController();
  const report = await run(stop.signal, ({ id }) => {
    if (id === "create") stop.abort(new Error("stopped by SIGINT"));
  });
  expect(failed(report)).toEqual(["get", "update", "list", "search-assets", "complete", "errors"]);
  expect(report.steps.at(-1)?.detail).toBe("stopped by SIGINT");
  expect(atlas.orders.size).toBe(0);
});

test("neither text nor JSON shows a secret", async () => {
  const lines: string[] = [];
  const report = await run(undefined, (result) => lines.push(stepText(result, 1, 10)));
  const everything = [
    configurationText(report.configuration),
    ...lines,
    summaryText(report),
    JSON.stringify(report),
  ].join("\n");
  expect(everything).not.toContain(PASSWORD);
  expect(everything).not.toContain("refresh-token");
  expect(everything).not.toMatch(/eyJ[\w-]+\./);
  expect(everything).toContain(EMAIL);
  expect(everything).toContain(atlas.server.url);
});
