// The package as its users get it: packed, installed into an empty project, run as plain JavaScript, type-checked.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../../scripts/lib/root.ts";
import { EMAIL, PASSWORD, SIGN_IN, signedIn, workOrder } from "../client/fixtures.ts";
import { ScriptedServer } from "../client/scripted-server.ts";
import { InstalledClient, supportedNodes } from "./installed.ts";

let installed: InstalledClient;
beforeAll(() => {
  installed = new InstalledClient();
}, 120_000);
afterAll(() => installed?.[Symbol.dispose]());

test("holds the built code, its declarations, licence and readme, and nothing else", () => {
  const files = execFileSync("tar", ["tzf", installed.tarball], { encoding: "utf8" }).trim().split("\n");
  const others = files.filter((file) => !/^package\/dist\/[\w/-]+\.(js|d\.ts)$/.test(file));
  expect(others.sort()).toEqual(["package/LICENSE", "package/README.md", "package/package.json"]);
  expect(files).toContain("package/dist/index.js");
  expect(files).toContain("package/dist/index.d.ts");
});

const PROGRAM = `
import { AtlasClient, AtlasNotFoundError } from "atlas-cmms-client";

const client = AtlasClient.fromEnv();
const order = await client.workOrders.get(7);
const missing = await client.workOrders.get(8).catch((error) => error);
await client.close();
console.log(JSON.stringify({ title: order.title, isNotFound: missing instanceof AtlasNotFoundError }));
`;

describe.each(supportedNodes())("on Node $version", ({ file }) => {
  test("a plain JavaScript program calls Atlas", async () => {
    await using server = await ScriptedServer.start();
    server
      .on(SIGN_IN, signedIn())
      .on("GET /work-orders/7", { json: workOrder({ id: 7, title: "Fix &amp; test" }) })
      .on("GET /work-orders/8", { status: 404, json: { success: false, message: "Not found" } });
    installed.write("program.mjs", PROGRAM);
    const env = { ATLAS_BASE_URL: server.url, ATLAS_EMAIL: EMAIL, ATLAS_PASSWORD: PASSWORD };
    const output = await installed.run(file, ["program.mjs"], env);
    expect(JSON.parse(output)).toEqual({ title: "Fix & test", isNotFound: true });
    expect(server.count(SIGN_IN)).toBe(1);
  });
});

const TYPED = `
import { AtlasClient, type Page, type WorkOrder } from "atlas-cmms-client";

await using client = new AtlasClient({ baseUrl: "http://localhost:8080/api", email: "a@b.example", password: "x" });
const page: Page<WorkOrder> = await client.workOrders.list({ status: "OPEN" });
export const titles: string[] = page.content.map(({ title }) => title);
// @ts-expect-error a title is text: without its declarations the package would be any, and this no error.
export const numbers: number[] = page.content.map(({ title }) => title);
// @ts-expect-error there is no such status.
await client.workOrders.changeStatus(7, { status: "DONE" });
`;

describe.each([
  { moduleResolution: "nodenext", module: "nodenext", skipLibCheck: false },
  // The declarations themselves are checked once: that takes longest.
  { moduleResolution: "bundler", module: "esnext", skipLibCheck: true },
])("with moduleResolution $moduleResolution", (modules) => {
  test("a TypeScript program gets the types, and they are checked with it", async () => {
    const file = `typed-${modules.moduleResolution}.mts`;
    installed.write(file, TYPED);
    installed.write("tsconfig.json", {
      compilerOptions: {
        ...modules,
        target: "es2024",
        lib: ["es2024", "esnext.disposable"],
        types: ["node"],
        strict: true,
        noEmit: true,
      },
      files: [file],
    });
    const compiler = path.join(root, "node_modules/typescript/bin/tsc");
    const output = await installed
      .run(process.execPath, [compiler, "--project", "."])
      .catch((error) => error.stdout);
    expect(output).toBe("");
  }, 60_000);
});
