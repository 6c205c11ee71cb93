// Mail of a whole deployment, proven by letters that arrive: Atlas' own, and those of alerts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AtlasClient } from "../../../client/index.ts";
import { docker } from "../../../components/hosts/docker-cli.ts";
import { letters, type Mail, serveMail } from "../../../sandbox/mail/server.ts";
import { type ReadLetter, readLetter } from "../../unit/sandbox-mail/read-letter.ts";
import { root, run, type StackOutputs, TestStack } from "../test-stack.ts";

const from = "cmms@plant.example";
const tess = { email: "tess@plant.example", password: "Corr3ct-horse-9", firstName: "Tess", lastName: "One" };

let folder: string;
let mail: Mail;
let stack: TestStack;
let outputs: StackOutputs;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atlas-e2e-mail-"));
  mail = await serveMail({ folder, address: await gateway() });
  const backendEnv = {
    ENABLE_EMAIL_NOTIFICATIONS: "true",
    SMTP_HOST: mail.address,
    SMTP_PORT: String(mail.ports.startTls),
    SMTP_USER: mail.user,
    SMTP_FROM: from,
  };
  stack = await TestStack.make({ adminEmail: "ada@plant.example", backendEnv });
  await stack.setSecret("backendEnv.SMTP_PWD", mail.password);
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
  outputs = await stack.outputs();
});
afterAll(async () => {
  await stack?.remove();
  await mail?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  if (stack) rmSync(path.join(root, ".atlas/ops/sandbox", stack.name), { recursive: true, force: true });
});

/** The address by which containers reach this machine. */
async function gateway(): Promise<string> {
  const format = "{{range .IPAM.Config}}{{println .Gateway}}{{end}}";
  const [address] = (await docker(["network", "inspect", "bridge", "--format", format])).trim().split("\n");
  if (!address) throw new Error("Docker's bridge has no gateway");
  return address;
}

/** What has arrived since, and nothing before. */
async function sent(act: () => Promise<unknown>): Promise<ReadLetter[]> {
  const before = letters(mail.lettersFolder).length;
  await act();
  return letters(mail.lettersFolder).slice(before).map(readLetter);
}

/** The letter is one, from Atlas to the address. @returns where its link leads */
function linkOf(found: ReadLetter[], { to, subject }: { to: string; subject: string }): URL {
  expect(found).toHaveLength(1);
  const [{ headers, body } = { headers: new Map<string, string>(), body: "" }] = found;
  expect(headers.get("Return-Path")).toBe(`<${from}>`);
  expect(headers.get("Delivered-To")).toBe(to);
  expect(headers.get("Received")).toContain(" with ESMTPSA ");
  expect(headers.get("From")).toBe(`Atlas CMMS <${from}>`);
  expect(headers.get("To")).toBe(to);
  expect(headers.get("Subject")).toBe(subject);
  return new URL(/href="([^"]*)"/.exec(body)?.[1]?.replaceAll("&amp;", "&") ?? "");
}

const clientOf = ({ email, password }: { email: string; password: string }) =>
  new AtlasClient({ baseUrl: outputs.apiUrl, email, password, rateLimits: false });

/** Trusts the mail server as somebody does whose company has an authority of its own. */
const alertTest = () =>
  run("scripts/alert-test", [stack.name, "--sandbox"], { NODE_EXTRA_CA_CERTS: mail.authorityFile }).finished;

test("the smoke checks have reached the mail server", () => {
  const check = outputs.smoke.checks.find(({ id }) => id === "mail");
  expect(check).toMatchObject({ status: "PASS", detail: `${mail.address}:${mail.ports.startTls}` });
});

test("an invitation arrives, and whom it invites can sign up and in", async () => {
  await using admin = await stack.client();
  const invitation = await sent(() =>
    admin.users.invite({ emails: [tess.email], role: "TECHNICIAN", sendEmail: true }),
  );
  const link = linkOf(invitation, { to: tess.email, subject: "Invitation to use Atlas CMMS" });
  expect(`${link.origin}${link.pathname}`).toBe(`${outputs.url}/account/register`);
  const email = link.searchParams.get("email") ?? "";
  await admin.users.signUp({ ...tess, email, role: Number(link.searchParams.get("role")) });
  await using client = clientOf(tess);
  expect(await client.me()).toMatchObject({ email: tess.email, role: { code: "TECHNICIAN" } });
});

test("whoever gets a work order gets a letter; without a receiver there is none", async () => {
  await using admin = await stack.client();
  await using client = clientOf(tess);
  const primaryUser = (await client.users.me()).id;
  let id = 0;
  const letter = await sent(async () => {
    ({ id } = await admin.workOrders.create({ title: "Pump 3", primaryUser }));
  });
  const link = linkOf(letter, { to: tess.email, subject: "New Work Order" });
  expect(link.href).toBe(`${outputs.url}/app/work-orders/${id}`);
  expect(letter[0]?.body).toContain("Pump 3");
  expect(await sent(() => admin.workOrders.create({ title: "Pump 4" }))).toEqual([]);
});

test("a forgotten password is reset by the link of a letter, once", async () => {
  const ask = (email: string) => fetch(`${outputs.apiUrl}/auth/resetpwd?email=${email}`);
  const letter = await sent(() => ask(tess.email));
  const link = linkOf(letter, { to: tess.email, subject: "Atlas CMMS Password Reset" });
  expect(link.href).toContain(`${outputs.apiUrl}/auth/reset-pwd-confirm?token=`);
  const follow = async () => (await fetch(link, { redirect: "manual" })).headers.get("location");
  expect(await follow()).toBe(`${outputs.url}/account/login?email=${tess.email}`);
  expect(await follow()).toBe(`${outputs.url}/account/register`);
  const password = /password is ([0-9A-F]{8})\./.exec(letter[0]?.body ?? "")?.[1] ?? "";
  await using client = clientOf({ ...tess, password });
  expect(await client.me()).toMatchObject({ email: tess.email });
  expect(await sent(() => ask("nobody@plant.example"))).toEqual([]);
});

test("a test alert arrives at the administrator's", async () => {
  const found = await sent(async () => {
    const { code, output } = await alertTest();
    expect(code, output).toBe(0);
    expect(output).toContain(`mail: accepted, to ada@plant.example by ${mail.address}:`);
  });
  expect(found).toHaveLength(1);
  expect(found[0]?.headers.get("From")).toBe(from);
  expect(found[0]?.headers.get("To")).toBe("ada@plant.example");
  expect(found[0]?.headers.get("Subject")).toBe(`[Atlas ${stack.name}] test alert`);
});

test("a password that the mail server no longer takes is told, and not shown", async () => {
  const { password, address, ports } = mail;
  await mail[Symbol.asyncDispose]();
  mail = await serveMail({ folder, address, ports });
  expect(mail.password).not.toBe(password);
  const found = await sent(async () => {
    const { code, output } = await alertTest();
    expect(code, output).toBe(1);
    expect(output).toMatch(/mail: NOT ACCEPTED: mail server .* refused to sign user atlas in: .*535/);
    expect(output).toContain(`scripts/up ${stack.name}; scripts/alert-test ${stack.name}`);
    expect(output).not.toContain(password);
    await using admin = await stack.client();
    const inviting = admin.users.invite({
      emails: ["tom@plant.example"],
      role: "VIEW_ONLY",
      sendEmail: true,
    });
    await expect(inviting).rejects.toThrow(/Authentication failed/);
  });
  expect(found).toEqual([]);
});
