import { randomUUID } from "node:crypto";
import { AtlasClient, AtlasError, waitUntilReady } from "../../client/index.ts";
import { failureReport, watchForFailure } from "../hosts/await-start.ts";
import { containerStates, probedHealth } from "../hosts/containers.ts";
import { serviceNames } from "../services/service.ts";
import { type Check, type Context, checks, mark } from "./checks.ts";
import { Failure, Skipped } from "./failure.ts";
import { planned } from "./planned-check.ts";
import { certificate, closedPortsCheck, httpsChecks } from "./public-checks.ts";
import { publicWay } from "./public-way.ts";
import type { CheckResult, ServiceHealth, SmokeReport } from "./report.ts";
import type { SmokeInputs } from "./smoke.ts";

/** A booting Atlas with a migration to do takes minutes on a slow disk. */
const readyTimeoutMs = 5 * 60_000;

/** Checks without which those that follow have nothing to look at. */
const needed = new Set(["certificate", "ready", "sign-in"]);

/**
 * Runs every check against a deployment, in order, and leaves no row behind. Never throws for what it finds: the
 * report says it.
 */
export async function runSmoke(
  inputs: SmokeInputs,
  onResult: (result: CheckResult) => void = () => {},
): Promise<SmokeReport> {
  const started = Date.now();
  let signIns = 0;
  await using way = publicWay(inputs);
  const { dispatcher } = way;
  await using client = new AtlasClient({
    baseUrl: inputs.apiUrl,
    email: inputs.adminEmail,
    password: inputs.adminPassword,
    ...(dispatcher && { dispatcher }),
    observe: (operation, run) => {
      if (operation.name === "session.signIn") signIns++;
      return run();
    },
  });
  const context: Context = {
    inputs,
    client,
    dispatcher,
    signIns: () => signIns,
    title: `${mark} ${randomUUID()}`,
  };
  const results: CheckResult[] = [];
  let hopeless: string | undefined;
  for (const check of checksFor(inputs)) {
    const result = hopeless ? skipped(check, `because "${hopeless}" failed`) : await runCheck(check, context);
    if (result.status === "FAIL" && needed.has(check.id)) hopeless = check.title;
    results.push(result);
    onResult(result);
  }
  const count = (status: CheckResult["status"]) =>
    results.filter((result) => result.status === status).length;
  const services = await serviceHealth(inputs);
  return {
    time: new Date(started).toISOString(),
    url: inputs.url,
    version: services.find((service) => service.name === "backend")?.image ?? "unknown",
    passed: count("PASS"),
    failed: count("FAIL"),
    skipped: count("SKIP"),
    milliseconds: Date.now() - started,
    checks: results,
    services,
  };
}

function checksFor(inputs: SmokeInputs): Check[] {
  const https = inputs.url.startsWith("https:");
  return [
    ...(https ? [certificate] : []),
    readiness,
    ...checks,
    planned,
    ...(https ? httpsChecks : []),
    ...(inputs.publicAddress ? [closedPortsCheck] : []),
  ];
}

/** Atlas may still be booting; a container that cannot start ends the wait early. */
const readiness: Check = {
  id: "ready",
  title: "Atlas has started",
  blame: "backend",
  run: async ({ inputs, dispatcher }) => {
    const stop = new AbortController();
    const ready = waitUntilReady({
      baseUrl: inputs.apiUrl,
      timeoutMs: readyTimeoutMs,
      signal: stop.signal,
      ...(dispatcher && { dispatcher }),
    });
    const failing = watchForFailure(Object.values(inputs.containers), {
      host: inputs.engine,
      hide: inputs.hide,
      signal: stop.signal,
    });
    try {
      const failure = await Promise.race([ready.then(() => undefined), failing]);
      if (failure) throw new Failure(failure);
      return "ready";
    } finally {
      stop.abort();
      await Promise.allSettled([ready, failing]);
    }
  },
};

const skipped = (check: Check, detail: string): CheckResult => ({
  id: check.id,
  title: check.title,
  status: "SKIP",
  milliseconds: 0,
  detail,
});

async function runCheck(check: Check, context: Context): Promise<CheckResult> {
  const started = performance.now();
  const result = (status: CheckResult["status"], detail: string) => ({
    id: check.id,
    title: check.title,
    status,
    milliseconds: Math.round(performance.now() - started),
    detail,
  });
  try {
    return result("PASS", await check.run(context));
  } catch (error) {
    if (error instanceof Skipped) return result("SKIP", error.message);
    const httpStatus =
      error instanceof AtlasError ? error.status : error instanceof Failure ? error.httpStatus : undefined;
    return {
      ...result("FAIL", error instanceof Error ? error.message : String(error)),
      ...(httpStatus !== undefined && { httpStatus }),
      blame: await blame(check, context.inputs),
    };
  }
}

/** The container most likely at fault: one that does not run, else the one that the check is about. */
async function blame(check: Check, { containers, engine, hide }: SmokeInputs): Promise<string> {
  const names = Object.values(containers);
  try {
    const states = await containerStates(names, { host: engine });
    const down =
      states.find((state) => state.status !== "running") ??
      states.find((state) => state.health === "unhealthy");
    const culprit = down?.name ?? containers[check.blame] ?? names[0] ?? "";
    const state = states.find(({ name }) => name === culprit);
    return await failureReport(`container ${culprit} is ${state?.status} (${state?.health})`, culprit, {
      host: engine,
      hide,
    });
  } catch (error) {
    return `the containers could not be looked at: ${error instanceof Error ? error.message : error}`;
  }
}

async function serviceHealth({ containers, engine }: SmokeInputs): Promise<ServiceHealth[]> {
  const options = { host: engine };
  const states = await containerStates(Object.values(containers), options).catch(() => undefined);
  if (!states)
    return Object.entries(containers).map(([name, container]) => ({
      name,
      container,
      image: "",
      health: "unknown",
    }));
  // Pulumi hands inputs over sorted by name; people read them in the order in which they start.
  const health = serviceNames.map(async (name): Promise<ServiceHealth[]> => {
    const container = containers[name];
    if (!container) return [];
    const image = states.find((state) => state.name === container)?.image ?? "";
    return [{ name, container, image, health: await probedHealth(container, options) }];
  });
  return (await Promise.all(health)).flat();
}
