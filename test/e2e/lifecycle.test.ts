// One deployment from its first start to its end. The tests build on each other and run in order.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AtlasAuthError, AtlasClient } from "../../client/index.ts";
import { docker } from "../../components/hosts/docker-cli.ts";
import { type Finished, TestStack, until } from "./test-stack.ts";

let stack: TestStack;
const expectSuccess = ({ code, output }: Finished) => expect(code, output).toBe(0);

beforeAll(async () => {
  stack = await TestStack.make();
});
afterAll(async () => {
  await stack.remove();
});

describe("a first deployment", () => {
  test("nobody reaches Atlas before its doors are shut, and every check passes", async () => {
    const run = stack.start("up");
    const seen = await answersUntil(run.finished);
    expectSuccess(await run.finished);
    // The port is dead until the proxy starts, and then the well-known password is refused already.
    expect(seen.filter((answer) => answer !== "refused")).toEqual([]);

    const { smoke, services, url } = await stack.outputs();
    expect(smoke.failed).toBe(0);
    expect(smoke.checks.filter((check) => check.status === "PASS").length).toBeGreaterThanOrEqual(19);
    expect(services.map(({ name, health }) => [name, health])).toEqual([
      ["postgres", "healthy"],
      ["backend", "healthy"],
      ["frontend", "healthy"],
      ["ingress", "healthy"],
    ]);
    expect(await (await fetch(url)).text()).toContain("<h1>Atlas CMMS</h1>");
  });

  test("leaves no row behind", async () => {
    await using client = await stack.client();
    expect((await client.workOrders.list()).totalElements).toBe(0);
    expect((await client.users.list()).totalElements).toBe(1);
  });

  test("a second up changes nothing, nor does one that looks at what runs", async () => {
    const { code, output } = await stack.up("--expect-no-changes");
    expect(code, output).toBe(0);
    expect(output).toMatch(/\d+ unchanged/);
    expectSuccess(await stack.up("--refresh", "--expect-no-changes"));
  });

  test("invited people join, strangers do not", async () => {
    await using client = await stack.client();
    const invited = {
      email: "tess@example.com",
      password: "Corr3ct-horse-9",
      firstName: "Tess",
      lastName: "One",
    };
    expect(await client.users.create({ ...invited, role: "TECHNICIAN" })).toMatchObject({ created: true });
    const baseUrl = (await stack.outputs()).apiUrl;
    await using joined = new AtlasClient({ baseUrl, ...invited });
    expect((await joined.me()).companyId).toBe((await client.me()).companyId);
    await expect(
      client.users.signUp({ ...invited, email: "stranger@example.com", role: "TECHNICIAN" }),
    ).rejects.toThrow();
  });
});

describe("changes", () => {
  test("a changed backend variable replaces only the backend, and the smoke checks run again", async () => {
    const before = { ids: await stack.containerIds(), smoke: (await stack.outputs()).smoke.time };
    // The load test below would meet the limits.
    stack.configure({ backendEnv: { RATE_LIMIT_ENABLED: "false" } });
    expectSuccess(await stack.up());
    const after = { ids: await stack.containerIds(), smoke: (await stack.outputs()).smoke.time };
    expect(changed(before.ids, after.ids)).toEqual(["backend"]);
    expect(after.smoke).not.toBe(before.smoke);
  });

  test("a container removed by hand comes back with up --refresh", async () => {
    const before = await stack.containerIds();
    await docker(["rm", "-f", stack.container("frontend")]);
    expectSuccess(await stack.up("--refresh"));
    expect(changed(before, await stack.containerIds())).toEqual(["frontend"]);
    expect((await stack.outputs()).smoke.failed).toBe(0);
  });

  test("the administrator's password is rotated alone", async () => {
    const before = { ids: await stack.containerIds(), outputs: await stack.outputs() };
    stack.configure({ rotate: { admin: 1 } });
    expectSuccess(await stack.up());
    const { apiUrl, adminEmail: email, adminPassword: password } = await stack.outputs();
    expect(password).not.toBe(before.outputs.adminPassword);
    expect(changed(before.ids, await stack.containerIds())).toEqual([]);
    await using old = new AtlasClient({ baseUrl: apiUrl, email, password: before.outputs.adminPassword });
    await expect(old.signIn()).rejects.toBeInstanceOf(AtlasAuthError);
  });

  test("the keys that nobody types are rotated, each its own", async () => {
    const before = await stack.containerIds();
    stack.configure({ rotate: { admin: 1, jwt: 1, superAdmin: 1 } });
    expectSuccess(await stack.up());
    expect(changed(before, await stack.containerIds())).toEqual(["backend"]);
    expect((await stack.outputs()).smoke.failed).toBe(0);
  });

  test("the database's password is rotated alone, and the data stays", async () => {
    await using client = await stack.client();
    const order = await client.workOrders.create({ title: "kept over a rotation" });
    const before = { ids: await stack.containerIds(), outputs: await stack.outputs() };
    stack.configure({ rotate: { admin: 1, jwt: 1, superAdmin: 1, database: 1 } });
    expectSuccess(await stack.up());
    expect(changed(before.ids, await stack.containerIds())).toEqual(["backend", "postgres"]);
    expect((await stack.outputs()).adminPassword).toBe(before.outputs.adminPassword);
    await using again = await stack.client();
    expect((await again.workOrders.get(order.id)).title).toBe("kept over a rotation");
  });
});

describe("smoke checks", () => {
  test("run on every up where that is asked for, and not otherwise", async () => {
    const times = [(await stack.outputs()).smoke.time];
    for (const smoke of ["always", "always", "on-change"]) {
      stack.configure({ smoke });
      expectSuccess(await stack.up());
      times.push((await stack.outputs()).smoke.time);
    }
    // Going back to on-change takes the mark of the last run away, which is a change once.
    expectSuccess(await stack.up("--expect-no-changes"));
    expect(new Set(times).size).toBe(times.length);
  });
});

describe("faults", () => {
  test("PostgreSQL restarts under load: the deployment recovers and loses no acknowledged write", async () => {
    await using client = await stack.client();
    const acknowledged: number[] = [];
    let failures = 0;
    let stop = false;
    const write = async () => {
      while (!stop) {
        try {
          const order = await client.workOrders.create({ title: "under load" });
          acknowledged.push(order.id);
          await client.workOrders.complete(order.id);
        } catch {
          failures++;
        }
      }
    };
    const writers = [write(), write(), write()];
    try {
      await until("20 writes", 30, () => acknowledged.length >= 20);
      await docker(["restart", stack.container("postgres")]);
      const atRestart = acknowledged.length;
      await until("writes after the restart", 60, () => acknowledged.length >= atRestart + 20);
    } finally {
      stop = true;
      await Promise.all(writers);
    }
    const found = new Set<number>();
    for await (const order of client.workOrders.iterate({ text: "under load" })) found.add(order.id);
    expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
    expect(failures).toBeLessThan(acknowledged.length);
    for (const id of found) await client.workOrders.delete(id);
  });

  test("a broken backend image fails the up with the container's own words, and the data is intact", async () => {
    const image = "atlas-sandbox.invalid/intelloop/atlas-cmms-backend";
    const broken = `${image}:v0.0.0-broken`;
    const dockerfile = `FROM ${image}:v1.8.0\nRUN printf '#!/bin/sh\\necho "Error: the jar is damaged" >&2\\nexit 1\\n' > /usr/bin/java\n`;
    await docker(["build", "--tag", broken, "-"], { input: dockerfile, timeoutMs: 60_000 });
    stack.configure({ images: { backend: broken } });
    const failed = await stack.up();
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain("Error: the jar is damaged");
    expect(failed.output).toContain(`docker logs ${stack.container("backend")}`);

    stack.configure({ images: undefined });
    expectSuccess(await stack.up());
    await using client = await stack.client();
    expect((await client.workOrders.search("kept over a rotation")).totalElements).toBe(1);
    await docker(["image", "rm", broken]);
  });
});

describe("the end", () => {
  test("down keeps the data, and the next up finds it", async () => {
    expectSuccess(await stack.down());
    expect(await stack.containerIds()).toEqual({});
    expectSuccess(await stack.up());
    await using client = await stack.client();
    expect((await client.workOrders.search("kept over a rotation")).totalElements).toBe(1);
  });

  test("down --delete-data leaves nothing", async () => {
    expectSuccess(await stack.down("--delete-data"));
    const left = await docker(["volume", "ls", "--format", "{{.Name}}", "--filter", `name=${stack.prefix}`]);
    expect(left).toBe("");
    expect(await docker(["network", "ls", "-q", "--filter", `name=${stack.prefix}`])).toBe("");
  });
});

const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .sort();

/** What the default super administrator's sign-in is answered with, asked over and over while a run lasts. */
async function answersUntil(finished: Promise<unknown>): Promise<string[]> {
  let over = false;
  finished.finally(() => {
    over = true;
  });
  const answers: string[] = [];
  while (!over) {
    const response = await fetch(`${stack.config.publicUrl}/api/auth/signin`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "superadmin@test.com", password: "pls_change_me", type: "SUPER_ADMIN" }),
    }).catch(() => undefined);
    if (response) {
      answers.push(response.status === 403 ? "refused" : `HTTP ${response.status}`);
      // Enough is seen; more would eat the limit that the smoke checks need.
      if (answers.length >= 3) return answers;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return answers;
}
