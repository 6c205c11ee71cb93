// What is seen of a deployment in real containers, as it is broken one part after the other.
import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { imageFor } from "../../../components/services/images.ts";
import type { Deployment } from "../../../ops/deployment.ts";
import { docker } from "../../../ops/docker.ts";
import { openLog } from "../../../ops/log.ts";
import { makeBucket, objectStoreOf, put } from "../../../ops/objects.ts";
import type { Condition } from "../../../ops/watch/condition.ts";
import { look } from "../../../ops/watch/look.ts";
import { serve } from "../../../ops/watch/server.ts";
import { watch } from "../../../ops/watch/watch.ts";
import { imageMirror } from "../../../sandbox/images/names.ts";
import { lines } from "../../unit/ops/watch/receivers.ts";
import { removeEngineObjects } from "../test-stack.ts";
import { secrets, startWatchBed, type WatchBed } from "./watch-bed.ts";

let bed: WatchBed;
beforeAll(async () => {
  bed = await startWatchBed();
  const store = await objectStoreOf(bed.deployment);
  await makeBucket(store);
  await put(store, {
    ...{
      key: "a.txt",
      contentType: "text/plain",
      body: Readable.from(["twelve bytes"], { objectMode: false }),
    },
  });
});
afterAll(() => bed?.[Symbol.asyncDispose]());

const part = ({ parts }: Condition, id: string) => {
  const found = parts.find((part) => part.id === id);
  if (!found) throw new Error(`no part ${id} among ${parts.map(({ id }) => id)}`);
  return found;
};
/** So that the next look asks anew. */
const forget = ({ folder }: Deployment) => rmSync(path.join(folder, "remembered.json"));

test("a deployment that is well, but has neither backup, drill nor smoke yet", async () => {
  const condition = await look(bed.deployment);
  const notOk = condition.parts
    .filter(({ verdict }) => verdict !== "ok")
    .map(({ id, why }) => `${id}: ${why}`);
  // This machine's own disk may be full.
  expect(notOk.filter((part) => !part.startsWith("disk/"))).toEqual([
    "backup: no set yet",
    "drill: none yet",
    "smoke: none recorded yet",
  ]);
  for (const service of ["postgres", "backend", "frontend", "storage", "ingress"])
    expect(part(condition, `container/${service}`).why).toMatch(/^healthy, [\d.]+ [KM]iB of [\d.]+ [MG]iB$/);
  expect(part(condition, "atlas").why).toMatch(/^health check .*s, database read .*s$/);
  expect(part(condition, "objects").why).toBe("1 object, 12 B");
  expect(part(condition, "database").why).toMatch(/ MiB$/);
  expect(part(condition, "disk/data").why).toMatch(/% of .* used/);
  const { containers } = condition.observation;
  const images = "value" in containers ? containers.value.map(({ image }) => image) : [];
  expect(images).toContain(imageFor("postgres", { images: {}, imageMirror }));
});

test("Atlas is asked twice in three minutes, however often one looks", async () => {
  const asked = async () => {
    const { atlas } = (await look(bed.deployment)).observation;
    return "value" in atlas ? atlas.value.time : undefined;
  };
  expect(await asked()).toBe(await asked());
});

test("what is served is what is seen, without a secret of any container", async () => {
  const ending = new AbortController();
  const log = openLog({ act: "watch", ...lines() });
  const { url, closed } = await serve(bed.deployment, {
    host: "127.0.0.1",
    port: 0,
    signal: ending.signal,
    log,
  });
  onTestFinished(async () => {
    ending.abort();
    await closed;
  });
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const [page, metrics, ready] = [await get("/"), await get("/metrics"), await get("/ready")];
  expect(page.body).toContain("database read");
  expect(metrics.body).toMatch(/^atlas_container_memory_bytes\{service="postgres"\} [1-9]\d{6,}$/m);
  expect(metrics.body).toMatch(/^atlas_probe_ok\{call="database read"\} 1$/m);
  expect(ready).toMatchObject({ status: 200 });
  expect([page, metrics, ready].map(({ body }) => body).join()).not.toMatch(
    new RegExp(`CANARY|${secrets.jwtKey}`),
  );
});

test("the watch logs what is wrong as soon as it looks, answers, and ends on its signal", async () => {
  await docker(["pause", bed.container("frontend")]);
  onTestFinished(async () => {
    await docker(["unpause", bed.container("frontend")]);
  });
  const ending = new AbortController();
  const { stream, written } = lines();
  const log = openLog({ act: "watch", stream });
  const watching = watch(bed.deployment, { host: "127.0.0.1", port: 0, signal: ending.signal, log });
  await expect
    .poll(() => written.find(({ part }) => part === "container/frontend"), { timeout: 30_000 })
    .toMatchObject({ level: "error", message: "frontend: is paused", verdict: "bad" });
  ending.abort();
  await watching;
  expect(written[0]?.message).toMatch(/^watching test, status on http:\/\/127\.0\.0\.1:\d+$/);
});

test("a container that has crashed and was restarted is worth a look", async () => {
  await docker(["exec", bed.container("storage"), "sh", "-c", "kill -TERM 1"]);
  await expect
    .poll(async () => part(await look(bed.deployment), "container/storage").why, { timeout: 60_000 })
    .toMatch(/^was restarted by Docker .* ago \(1 restart in all\), healthy/);
});

test("a database that is gone: its container, its size, and what reads from it", async () => {
  await docker(["stop", bed.container("postgres")]);
  forget(bed.deployment);
  const condition = await look(bed.deployment);
  expect(part(condition, "container/postgres")).toMatchObject({ verdict: "bad", why: "is exited" });
  expect(part(condition, "database")).toMatchObject({
    verdict: "warning",
    why: expect.stringMatching(/^docker/),
  });
  expect(part(condition, "atlas")).toMatchObject({
    verdict: "bad",
    why: expect.stringMatching(/^database read: /),
  });
  expect(condition.verdict).toBe("bad");
});

test("a proxy that is gone: nothing else is hidden", async () => {
  await docker(["rm", "--force", bed.container("ingress")]);
  forget(bed.deployment);
  const condition = await look(bed.deployment);
  expect(part(condition, "container/ingress")).toMatchObject({ verdict: "bad" });
  expect(part(condition, "atlas")).toMatchObject({
    verdict: "bad",
    why: expect.stringMatching(/No such container/i),
  });
  expect(part(condition, "container/frontend").verdict).toBe("ok");
  expect(existsSync(path.join(bed.deployment.folder, "remembered.json"))).toBe(true);
});

test("remote storage that does not answer", async () => {
  const remote = {
    ...{ endpoint: "http://127.0.0.1:9", region: "x", bucket: "b", prefix: "", accessKeyId: "id" },
    secretAccessKey: "CANARY-remote",
  };
  const condition = await look({ ...bed.deployment, remote });
  expect(part(condition, "remote")).toMatchObject({
    verdict: "bad",
    why: expect.stringMatching(/^cannot be looked at: .*ECONNREFUSED/),
  });
  expect(JSON.stringify(condition)).not.toContain("CANARY");
});

test("an engine that does not answer", async () => {
  vi.stubEnv("DOCKER_HOST", "tcp://127.0.0.1:9");
  onTestFinished(() => void vi.unstubAllEnvs());
  const condition = await look(bed.deployment);
  expect(part(condition, "docker")).toMatchObject({
    verdict: "bad",
    why: expect.stringMatching(/^docker ps: /),
  });
  expect(condition.verdict).toBe("bad");
});

describe("a certificate", () => {
  const namePrefix = `sandbox-test-ops-${randomBytes(3).toString("hex")}`;
  const name = "cmms.test.invalid";
  const at = (host: string) => look({ ...bed.deployment, namePrefix, publicUrl: `https://${host}` });
  beforeAll(async () => {
    const caddyfile = `{\n admin off\n skip_install_trust\n}\n${name} {\n tls internal\n respond 200\n}\n`;
    const start =
      'printf %s "$CADDYFILE" > /tmp/Caddyfile; exec caddy run --config /tmp/Caddyfile --adapter caddyfile';
    await docker(["network", "create", "--internal", namePrefix]);
    await docker([
      ...["run", "--detach", "--name", `${namePrefix}-ingress`, "--network", namePrefix],
      ...["--env", `CADDYFILE=${caddyfile}`, "--entrypoint", "sh"],
      ...[imageFor("ingress", { images: {}, imageMirror }), "-c", start],
    ]);
  });
  afterAll(() => removeEngineObjects(namePrefix));

  test("that ends within hours is seen on a network that nothing else reaches", async () => {
    const why = async () => part(await at(name), "certificate");
    await expect.poll(why, { timeout: 60_000 }).toMatchObject({
      verdict: "bad",
      why: expect.stringMatching(/^not renewed: 1[01] h left, until .*, by Caddy/),
    });
  });

  test("is missing for another name", async () => {
    expect(part(await at("other.test.invalid"), "certificate")).toMatchObject({
      verdict: "bad",
      why: expect.stringMatching(/alert|EPROTO|handshake/i),
    });
  });
});
