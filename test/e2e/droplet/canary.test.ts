// No secret of a droplet's deployment stands in the clear anywhere but where it is needed: in the environment of the
// service that reads it, in the release's file of root's, and, for the key of the first boot alone, in the user data.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../../components/hosts/docker-cli.ts";
import { publicKeyOf } from "../../../components/hosts/droplet/keys.ts";
import { runOverSsh } from "../../../components/hosts/ssh.ts";
import { tokenOf, twinFolder } from "../../../sandbox/cloud.ts";
import { pushImage } from "../../../sandbox/internet/push.ts";
import type { Inspected } from "../inspected.ts";
import { pulumiPlaceNames, watchDeployment } from "../pulumi-places.ts";
import { canary, expectNoSecret, generatedValues, isIn, type Place, type Secret } from "../secret-search.ts";
import { dropletPlaceNames, dropletPlaces, type FileWithSecret, filesWithSecrets } from "./droplet-places.ts";
import { DropletStack } from "./droplet-stack.ts";

const placeNames = [
  ...pulumiPlaceNames,
  "the arguments of the droplet's processes",
  ...dropletPlaceNames,
] as const;

const admin = canary("adminPassword");
const smtp = canary("SMTP_PWD");
/** An image for the backend that tells its environment and ends. */
const talkative = "atlas-sandbox.invalid/test/talkative:1";

let it: DropletStack;
let places: Record<(typeof placeNames)[number], Place>;
let secrets: Secret[];
let inspected: (Inspected & { Name: string })[];
let files: FileWithSecret[];

beforeAll(async () => {
  it = await DropletStack.make({
    storage: "true",
    backendEnv: { STANDIN_BOOT_MS: "500", STANDIN_MIGRATION_MS: "500" },
  });
  await it.stack.setSecret("adminPassword", admin.value);
  await it.stack.setSecret("backendEnv.SMTP_PWD", smtp.value);
  const watched = await watchDeployment(it.stack, {
    rotate: ["database", "storage", "jwt", "superAdmin", "hostKey"],
    known: { output: "digitalocean:index/droplet:Droplet", event: "atlas-host-release" },
  });
  const token: Secret = { name: "token", parts: [tokenOf(it.stack.name)] };
  secrets = [admin, smtp, token, ...watched.generated];
  inspected = JSON.parse(await it.ssh("docker inspect $(docker ps --all --quiet)"));
  const seen = watched.places["the arguments of all processes"].text;
  places = {
    ...watched.places,
    "the arguments of the droplet's processes": {
      text: seen,
      known: "docker compose --project-directory /var/lib/atlas/releases/",
    },
    ...(await dropletPlaces(it, inspected)),
  };
  files = await filesWithSecrets(it, secrets);
});
afterAll(async () => {
  await it.remove();
  await docker(["image", "rm", "--force", talkative]);
});

test("what is searched for are the secrets in use", () => {
  const count = (name: string) => secrets.filter((secret) => secret.name === name).length;
  const renewed = ["database", "storage", "jwt", "super-admin"].map((name) => `atlas-${name}-secret`);
  for (const name of [...renewed, "atlas-host-host-key", "atlas-host-first-host-key"])
    expect(count(name), name).toBe(2);
  for (const name of ["atlas-admin-secret", "atlas-backup-key", "atlas-host-deploy-key"])
    expect(count(name), name).toBe(1);
  for (const { parts } of secrets) {
    expect(parts).not.toEqual([]);
    for (const part of parts) expect(part.length).toBeGreaterThan(20);
  }
});

describe("no secret is in", () => {
  test.each(placeNames)("%s", (name) => expectNoSecret(places[name], secrets));
});

test("a container's environment holds what its own service reads", () => {
  const held = inspected.map(({ Name, Config }) => [
    Name.slice(it.stack.prefix.length + 2),
    Config.Env.flatMap((entry) =>
      secrets
        .filter((secret) => isIn(secret, entry))
        .map(({ name }) => `${entry.slice(0, entry.indexOf("="))} <- ${name}`),
    ).sort(),
  ]);
  expect(Object.fromEntries(held)).toEqual({
    postgres: ["POSTGRES_PASSWORD <- atlas-database-secret"],
    storage: ["MINIO_ROOT_PASSWORD <- atlas-storage-secret"],
    backend: [
      "DB_PWD <- atlas-database-secret",
      "JWT_SECRET_KEY <- atlas-jwt-secret",
      "MINIO_SECRET_KEY <- atlas-storage-secret",
      "SMTP_PWD <- SMTP_PWD",
    ],
    frontend: [],
    ingress: [],
  });
  const backend = inspected.find(({ Name }) => Name.endsWith("-backend"));
  expect(backend?.Config.Env).toContain(`SMTP_PWD=${smtp.value}`);
});

describe("on the droplet", () => {
  const ofServices = ["SMTP_PWD", "atlas-database-secret", "atlas-jwt-secret", "atlas-storage-secret"];
  const keepers: { what: string; file: RegExp; secrets: string[] }[] = [
    { what: "releases", file: /^\/var\/lib\/atlas\/releases\/[0-9a-f]{12}\/\.env$/, secrets: ofServices },
    {
      what: "the operations' settings",
      file: /^\/etc\/atlas\/deployment\.json$/,
      secrets: ["SMTP_PWD", "atlas-backup-key"],
    },
    { what: "sshd's key", file: /^\/etc\/ssh\/ssh_host_ed25519_key$/, secrets: ["atlas-host-host-key"] },
    {
      what: "user data as cloud-init keeps it",
      file: /^\/(var\/lib|run)\/cloud(-init)?\/((instances\/\d+\/(user-data\.txt(\.i)?|cloud-config\.txt|obj\.pkl))|seed\/nocloud\/user-data|combined-cloud-config\.json|instance-data-sensitive\.json)$/,
      secrets: ["atlas-host-first-host-key"],
    },
    {
      what: "what the engine runs",
      file: /^\/(run\/(docker\/)?containerd\/.*\/config\.json|var\/lib\/containerd\/.*\/meta\.db)$/,
      secrets: ofServices,
    },
  ];

  test.each(keepers)("$what hold only secrets of their own", ({ file, secrets: allowed }) => {
    const mine = files.filter((found) => file.test(found.file));
    expect(mine).not.toEqual([]);
    for (const found of mine) expect(allowed, found.file).toEqual(expect.arrayContaining(found.secrets));
  });

  test("nothing else holds one", () => {
    expect(files.filter(({ file }) => !keepers.some((keeper) => keeper.file.test(file)))).toEqual([]);
  });

  test("nobody but root can read them", async () => {
    expect(files.filter(({ readableForOthers }) => readableForOthers)).toEqual([]);
    const own = files.filter(({ file }) => /^\/(etc|var\/lib\/atlas)\//.test(file));
    expect(own.map(({ mode }) => mode)).toEqual(own.map(() => "600 root:root"));
    // What lies below holds the containers' environments.
    expect(await it.ssh("stat -c '%a %U:%G' /var/lib/docker /var/lib/atlas/releases")).toMatch(
      /^7[01]0 root:root\n700 root:root$/,
    );
  });

  test("the user data, and it alone, holds the key of the first boot, which is not in use any more", async () => {
    const data = await it.ssh("cat /var/lib/cloud/instance/user-data.txt");
    expect(data).toContain("#cloud-config");
    const inside = secrets.filter((secret) => isIn(secret, data));
    expect(inside.map(({ name }) => name)).toEqual(["atlas-host-first-host-key"]);
    const target = await it.sshTarget();
    const values = await generatedValues(it.stack);
    const key = (name: string) => publicKeyOf(values.find((found) => found.name === name)?.value ?? "");
    expect(target.hostKeys).toEqual([key("atlas-host-host-key")]);
    const first = await it.ssh("cat /var/lib/cloud/instance/user-data.txt | grep -o 'ssh-ed25519 .*'");
    await expect(runOverSsh({ ...target, hostKeys: [first] }, "true")).rejects.toThrow("another host key");
  });
});

test("a release that crashes and tells its environment has none of it in the error of up", async () => {
  await makeTalkativeImage();
  it.stack.configure({ images: { backend: talkative } });
  const { code, output } = await it.stack.up("--diff");
  expect(code).not.toBe(0);
  expect(output).toContain("serves again");
  // What the image said is there, but for the secrets.
  for (const name of ["DB_PWD", "JWT_SECRET_KEY", "MINIO_SECRET_KEY", "SMTP_PWD"])
    expect(output).toContain(`${name}=[secret]`);
  expectNoSecret({ text: output, known: "DB_URL=postgres/atlas" }, secrets);
});

async function makeTalkativeImage(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-talkative-"));
  writeFileSync(
    path.join(folder, "Dockerfile"),
    `FROM atlas-sandbox.invalid/base
RUN printf '#!/bin/sh\\nenv | grep -E "^(DB|JWT|MINIO|SMTP)_"\\nexit 3\\n' > /usr/bin/java && chmod 755 /usr/bin/java
`,
  );
  await docker(["build", "--quiet", "--tag", talkative, folder], { timeoutMs: 120_000 });
  rmSync(folder, { recursive: true });
  await pushImage(twinFolder, talkative);
}
