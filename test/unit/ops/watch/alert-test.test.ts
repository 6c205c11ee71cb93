// A test alert by every channel, to real receivers.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Deployment } from "../../../../ops/deployment.ts";
import { openLog, secretsOf } from "../../../../ops/log.ts";
import { alertState } from "../../../../ops/watch/alert-state.ts";
import { testAlerts } from "../../../../ops/watch/alert-test.ts";
import { letters, type Mail, serveMail } from "../../../../sandbox/mail/server.ts";
import { readLetter } from "../../sandbox-mail/read-letter.ts";
import { deploymentInFolder, now } from "./conditions.ts";
import { lines, webhook } from "./receivers.ts";

let folder: string;
let server: Mail;
let ca: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atlas-alert-test-"));
  server = await serveMail({ folder });
  ca = readFileSync(server.authorityFile, "utf8");
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function mailAlerts(password = server.password): Deployment["alerts"] {
  const { address: host, ports, user } = server;
  const from = "Atlas <atlas@plant.example>";
  return {
    mail: {
      to: "ops@plant.example",
      server: { host, port: ports.startTls, secure: false, user, password, from },
    },
  };
}

function tried(deployment: Deployment) {
  const { stream, written } = lines();
  const log = openLog({ act: "alert-test", stream, hide: secretsOf(deployment) });
  return { written, outcome: testAlerts(deployment, { log, now, ca }) };
}

test("arrives by webhook and by mail, and wakes no program that looks for alerts", async () => {
  const { url, posts } = await webhook(200);
  const deployment = deploymentInFolder({ alerts: { webhook: url, ...mailAlerts() } });
  expect(await tried(deployment).outcome).toEqual({
    text: [
      `webhook: accepted, to ${new URL(url).origin}`,
      `mail: accepted, to ops@plant.example by 127.0.0.1:${server.ports.startTls}`,
      "next: look whether it has arrived; a mail may lie in the spam folder",
    ].join("\n"),
    ok: true,
  });
  expect(posts.map(({ body }) => JSON.parse(body))).toEqual([
    {
      text: "Atlas prod: test alert, nothing is wrong",
      deployment: "prod",
      url: "https://cmms.plant.example",
      time: now,
      alerts: [],
    },
  ]);
  const { headers, body } = readLetter(letters(server.lettersFolder).at(-1) ?? "");
  expect(headers.get("Subject")).toBe("[Atlas prod] test alert");
  expect(headers.get("To")).toBe("ops@plant.example");
  expect(body).toMatch(/^Nothing is wrong: this is a test/);
});

test("one channel that fails does not hide the other; status shows it until it works", async () => {
  const { url } = await webhook(404, 200);
  const deployment = deploymentInFolder({ alerts: { webhook: url, ...mailAlerts() } });
  const { text, ok } = await tried(deployment).outcome;
  expect(ok).toBe(false);
  expect(text).toContain(`webhook: NOT ACCEPTED: ${new URL(url).origin} answered HTTP 404`);
  expect(text).toContain("mail: accepted");
  expect(text).toContain("scripts/up prod; scripts/alert-test prod");
  expect(text).not.toContain("secret-path");
  expect(alertState(deployment).channels).toEqual({
    webhook: { time: now, error: expect.stringContaining("HTTP 404") },
    mail: { time: now },
  });
  expect((await tried(deployment).outcome).ok).toBe(true);
  expect(alertState(deployment).channels.webhook).toEqual({ time: now });
});

test("a wrong password is told, and not shown", async () => {
  const deployment = deploymentInFolder({ alerts: mailAlerts("CANARY-wrong") });
  const { outcome, written } = tried(deployment);
  const { text, ok } = await outcome;
  expect(ok).toBe(false);
  expect(text).toMatch(
    /^mail: NOT ACCEPTED: mail server .* refused to sign user atlas in: .*; next: check user/,
  );
  expect(JSON.stringify([text, written, alertState(deployment)])).not.toContain("CANARY");
});

test("without a channel it is said how to make one", async () => {
  await expect(tried(deploymentInFolder()).outcome).rejects.toThrow(
    /^no channel is configured.*; next: scripts\/pulumi config set --secret atlas:alertWebhook .* --stack prod; .*SMTP_HOST.*scripts\/up prod$/,
  );
});
