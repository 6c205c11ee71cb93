// What the stand-in of the backend sends, to the sandbox's mail server.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type MailSettings, readSettings } from "../../../sandbox/atlas/env.ts";
import { activation, assignment, invitation, passwordReset } from "../../../sandbox/atlas/letters.ts";
import { deliver, mailIsHealthy } from "../../../sandbox/atlas/mail.ts";
import { letters, type Mail, serveMail } from "../../../sandbox/mail/server.ts";
import { readLetter } from "../sandbox-mail/read-letter.ts";

let folder: string;
let server: Mail;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atlas-standin-mail-"));
  server = await serveMail({ folder });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const urls = { publicApiUrl: "http://cmms.plant.example/api", publicFrontUrl: "http://cmms.plant.example" };

function settings(changed: Record<string, string> = {}): MailSettings {
  return readSettings({
    DB_URL: "postgres/atlas",
    DB_USER: "u",
    DB_PWD: "p",
    JWT_SECRET_KEY: Buffer.alloc(48).toString("base64"),
    PUBLIC_API_URL: urls.publicApiUrl,
    PUBLIC_FRONT_URL: urls.publicFrontUrl,
    STORAGE_TYPE: "minio",
    MAIL_RECIPIENTS: "",
    ENABLE_EMAIL_NOTIFICATIONS: "true",
    SMTP_HOST: server.address,
    SMTP_PORT: String(server.ports.startTls),
    SMTP_USER: server.user,
    SMTP_PWD: server.password,
    SMTP_FROM: "atlas@plant.example",
    ...changed,
  }).mail;
}

const letter = { to: ["tess@plant.example"], subject: "Überfällig", html: "<p>Grüße</p>" };
const arrived = () => letters(server.lettersFolder);
const newest = () => readLetter(arrived().at(-1) ?? "");
const refusalOf = (changed: Record<string, string>) =>
  deliver(settings(changed), letter).then(
    () => "sent",
    (fault) => ({ status: fault.status, message: fault.message }),
  );

describe("a letter arrives", () => {
  test("by STARTTLS, signed in, whatever the certificate's authority", async () => {
    await deliver(settings(), letter);
    const { headers, body } = newest();
    expect(headers.get("Return-Path")).toBe("<atlas@plant.example>");
    expect(headers.get("Delivered-To")).toBe("tess@plant.example");
    expect(headers.get("Received")).toMatch(/ with ESMTPSA id /);
    expect(headers.get("From")).toBe("Atlas CMMS <atlas@plant.example>");
    expect(headers.get("To")).toBe("tess@plant.example");
    expect(headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(body).toBe("<p>Grüße</p>\n");
  });

  test("by TLS from the first byte, with Spring's own variable", async () => {
    const before = arrived().length;
    const port = String(server.ports.tls);
    await deliver(settings({ SMTP_PORT: port, SPRING_MAIL_PROPERTIES_MAIL_SMTP_SSL_ENABLE: "true" }), letter);
    expect(arrived()).toHaveLength(before + 1);
  });

  test("from the user where SMTP_FROM is empty, and to several at once", async () => {
    const from = settings({ SMTP_FROM: "" }).smtp?.from;
    expect(from).toBe(server.user);
    await deliver(settings(), { ...letter, to: ["a@plant.example", "b@plant.example"] });
    expect(newest().headers.get("To")).toBe("a@plant.example, b@plant.example");
  });

  test("without sign-in, where that is switched off", async () => {
    const port = await openServer();
    await deliver(
      settings({ SMTP_PORT: port, SMTP_USER: "", SPRING_MAIL_PROPERTIES_MAIL_SMTP_AUTH: "false" }),
      letter,
    );
  });
});

describe("nothing is sent", () => {
  test.each([
    ["while notifications are off", { ENABLE_EMAIL_NOTIFICATIONS: "false" }],
    ["where another service sends", { MAIL_TYPE: "SENDGRID" }],
  ])("%s", async (_, changed) => {
    const before = arrived().length;
    await deliver(settings(changed), letter);
    expect(arrived()).toHaveLength(before);
  });
});

describe("what fails, fails the caller with 500", () => {
  test("a server that is not there", async () => {
    const port = await closedPort();
    expect(await refusalOf({ SMTP_PORT: port })).toEqual({
      status: 500,
      message:
        "Mail server connection failed. Failed messages: org.eclipse.angus.mail.util.MailConnectException: " +
        `Couldn't connect to host, port: 127.0.0.1, ${port}; timeout -1`,
    });
  });

  test.each<[string, Record<string, string>]>([
    ["a wrong password", { SMTP_PWD: "CANARY-wrong" }],
    ["no user", { SMTP_USER: "" }],
  ])("%s", async (_, changed) => {
    expect(await refusalOf(changed)).toEqual({ status: 500, message: "Authentication failed" });
  });

  test("a sender that is refused", async () => {
    expect(await refusalOf({ SMTP_FROM: "nobody" })).toMatchObject({
      status: 500,
      message: expect.stringMatching(/^Failed messages: jakarta\.mail\.SendFailedException: /),
    });
  });
});

describe("the deep health check", () => {
  test("is up where the server lets us in", async () => {
    expect(await mailIsHealthy(settings())).toBe(true);
  });

  test.each<[string, boolean, () => Promise<Record<string, string>>]>([
    ["a wrong password", false, async () => ({ SMTP_PWD: "wrong" })],
    ["no server", false, async () => ({ SMTP_PORT: await closedPort() })],
    [
      "no server, where nobody asks",
      true,
      async () => ({ SMTP_PORT: await closedPort(), ENABLE_MAIL_HEALTH_CHECK: "false" }),
    ],
    ["another service", true, async () => ({ MAIL_TYPE: "sendgrid" })],
  ])("%s: %s", async (_, healthy, changed) => {
    expect(await mailIsHealthy(settings(await changed()))).toBe(healthy);
  });
});

describe("letters", () => {
  test.each([
    [
      "of an invitation lead to the sign-up",
      invitation(urls, { email: "tess@plant.example", roleId: 4, inviter: "Ada Min", company: "A &amp; B" }),
      "http://cmms.plant.example/account/register?email=tess@plant.example&amp;role=4",
    ],
    [
      "of a reset lead to its confirmation",
      passwordReset(urls, { email: "tess@plant.example", password: "0AF3", token: "t-1" }),
      "http://cmms.plant.example/api/auth/reset-pwd-confirm?token=t-1",
    ],
    [
      "of an activation lead to it",
      activation(urls, { email: "tess@plant.example", token: "t-2" }),
      "http://cmms.plant.example/api/auth/activate-account?token=t-2",
    ],
    [
      "of a work order lead to it",
      assignment(urls, { id: 52, title: "Pump &lt;3&gt;" }, ["tess@plant.example"]),
      "http://cmms.plant.example/app/work-orders/52",
    ],
  ])("%s", (_, { to, html }, link) => {
    expect(to).toEqual(["tess@plant.example"]);
    expect(/href="([^"]*)"/.exec(html)?.[1]).toBe(link);
  });
});

/** Takes letters from everybody, without TLS. */
async function openServer(): Promise<string> {
  const open = new SMTPServer({ authOptional: true, hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
  await new Promise<void>((resolve) => open.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => open.close(() => resolve())));
  return portOf(open.server.address());
}

async function closedPort(): Promise<string> {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const port = portOf(closed.address());
  await new Promise((resolve) => closed.close(resolve));
  return port;
}

function portOf(address: unknown): string {
  if (typeof address === "object" && address !== null && "port" in address) return String(address.port);
  throw new Error("the server has no port");
}
