// Letters from the operations' own mailer to the sandbox's server, and what is said where none gets through.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { MailServer } from "../../../ops/deployment.ts";
import { openLog, secretsOf } from "../../../ops/log.ts";
import { alertState } from "../../../ops/watch/alert-state.ts";
import { raise } from "../../../ops/watch/alerts.ts";
import { sendMail } from "../../../ops/watch/mail.ts";
import { freePort } from "../../../sandbox/free-port.ts";
import { letters, type Mail, serveMail } from "../../../sandbox/mail/server.ts";
import { startMail, stopMail } from "../../../sandbox/mail/start.ts";
import { deploymentInFolder, now } from "../ops/watch/conditions.ts";
import { lines } from "../ops/watch/receivers.ts";

let folder: string;
let mail: Mail;
let ca: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atlas-sandbox-mail-"));
  mail = await serveMail({ folder, names: ["mail.sandbox.invalid"] });
  ca = readFileSync(mail.authorityFile, "utf8");
});
afterAll(async () => {
  await mail[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
const server = (changed: Partial<MailServer> = {}): MailServer => ({
  host: "127.0.0.1",
  port: mail.ports.startTls,
  secure: false,
  user: mail.user,
  password: mail.password,
  from: "Atlas <atlas@plant.example>",
  ...changed,
});
const letter = { to: "ops@plant.example", subject: "Wartung überfällig – 設備", text: "Grüße\n.\nEnde\n" };
/** Head and body of the newest. */
const newest = (): [string, string] => {
  const text = letters(mail.lettersFolder).at(-1) ?? "";
  const end = text.indexOf("\r\n\r\n");
  return [text.slice(0, end), text.slice(end + 4)];
};
const failure = (changed: Partial<MailServer>, trusted: { ca?: string } = { ca }) =>
  sendMail(server(changed), letter, trusted).then(
    () => "sent",
    (error: Error) => error.message,
  );

describe("a letter arrives", () => {
  test.each<[string, () => Partial<MailServer>]>([
    ["by STARTTLS", () => ({})],
    ["by TLS from the first byte", () => ({ port: mail.ports.tls, secure: true })],
  ])("%s, signed in, with its headers and every character", async (_, changed) => {
    expect(await sendMail(server(changed()), letter, { ca })).toMatch(/^250 /);
    const [head, body] = newest();
    const headers = new Map(
      head.split(/\r\n(?! )/).map((line) => [line.split(": ")[0], line.replace(/^[^:]+: /, "")]),
    );
    expect(headers.get("Return-Path")).toBe("<atlas@plant.example>");
    expect(headers.get("Delivered-To")).toBe("ops@plant.example");
    expect(headers.get("Received")).toMatch(/ with ESMTPSA id /);
    expect(headers.get("From")).toBe("Atlas <atlas@plant.example>");
    expect(headers.get("To")).toBe("ops@plant.example");
    expect(headers.get("Auto-Submitted")).toBe("auto-generated");
    expect(headers.get("Message-ID")).toMatch(/^<[^<>@\s]+@plant\.example>$/);
    expect(Math.abs(Date.parse(headers.get("Date") ?? "") - Date.now())).toBeLessThan(60_000);
    expect(decodedWords(headers.get("Subject") ?? "")).toBe(letter.subject);
    expect(head).not.toMatch(/[^\x20-\x7e\r\n]/);
    expect(decodedBody(headers, body)).toBe(letter.text);
  });

  test("as an alert", async () => {
    const deployment = deploymentInFolder({
      name: "Werk Süd",
      alerts: { mail: { to: "ops@plant.example", server: server() } },
    });
    const { stream, written } = lines();
    const log = openLog({ act: "watch", stream, hide: secretsOf(deployment) });
    const alert = {
      key: "backup",
      title: "Backup",
      severity: "bad",
      why: "ENOSPC",
      next: "scripts/backup",
    } as const;
    await raise(deployment, alert, { log, now, ca });
    expect(written).toMatchObject([{ level: "info", message: "alert sent by mail" }]);
    const [head, body] = newest();
    expect(decodedWords(/^Subject: (.*(?:\r\n .*)*)/m.exec(head)?.[1] ?? "")).toBe(
      "[Atlas Werk Süd] wrong: Backup",
    );
    expect(body).toContain("Backup (bad): ENOSPC\r\nnext: scripts/backup\r\n");
  });
});

describe("a letter that does not get through says what is wrong and what to do", () => {
  test("a wrong password", async () => {
    const said = await failure({ password: "CANARY-wrong" });
    expect(said).toMatch(
      /^mail server 127\.0\.0\.1:\d+ refused to sign user atlas in: .*535.*; next: check user and password/,
    );
    expect(said).not.toContain("CANARY");
  });

  test("a port where nobody listens", async () => {
    expect(await failure({ port: await freePort() })).toMatch(
      /cannot be reached: .*ECONNREFUSED.*; next: check host and port/,
    );
  });

  test("a name that does not exist", async () => {
    expect(await failure({ host: "mail.invalid" })).toMatch(
      /^mail server mail\.invalid:\d+ (has no address|cannot)/,
    );
  });

  test.each<[string, () => Partial<MailServer>]>([
    ["STARTTLS", () => ({})],
    ["TLS", () => ({ port: mail.ports.tls, secure: true })],
  ])("a certificate of an authority that nobody knows, by %s", async (_, changed) => {
    expect(await failure(changed(), {})).toMatch(
      /has a certificate that cannot be trusted: .*; next: it has to be of the name 127\.0\.0\.1, .*NODE_EXTRA_CA_CERTS/,
    );
  });

  test("a certificate of another name", async () => {
    expect(await failure({ host: "localhost" })).toMatch(
      /has a certificate that cannot be trusted: .*localhost/,
    );
  });

  test("TLS from the first byte, where it begins later", async () => {
    expect(await failure({ secure: true })).toMatch(
      /does not speak TLS as expected.*; next: with `secure: false`/,
    );
  });

  test("no TLS at all: the password is not sent", async () => {
    const signIns: string[] = [];
    const plain = new SMTPServer({
      ...{ hideSTARTTLS: true, allowInsecureAuth: true, disabledCommands: ["STARTTLS"] },
      onAuth: (given, _session, answer) => {
        signIns.push(given.username ?? "");
        answer(null, { user: "x" });
      },
    });
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise((resolve) => plain.close(() => resolve())));
    const { port } = plain.server.address() as AddressInfo;
    expect(await failure({ port })).toMatch(/does not speak TLS.*; next: the password is sent over TLS only/);
    expect(signIns).toEqual([]);
  });

  test("a recipient that is no address", async () => {
    const sending = sendMail(server(), { ...letter, to: "nobody" }, { ca });
    await expect(sending).rejects.toThrow(/refused the sender or the recipient.*`from` and `to`/);
  });

  test("as an alert, it is logged and shown, without the password", async () => {
    const password = "CANARY-wrong";
    const alerts = { mail: { to: "ops@plant.example", server: server({ password }) } };
    const deployment = deploymentInFolder({ alerts });
    const { stream, written } = lines();
    const log = openLog({ act: "watch", stream, hide: secretsOf(deployment) });
    const alert = { key: "drill", title: "Drill", severity: "bad", why: "rows differ" } as const;
    await raise(deployment, alert, { log, now, ca });
    expect(written).toMatchObject([
      { level: "error", message: expect.stringMatching(/by mail was not sent: mail server/) },
    ]);
    expect(alertState(deployment).channels.mail?.error).toMatch(/refused to sign user atlas in/);
    expect(JSON.stringify([written, alertState(deployment)])).not.toContain("CANARY");
  });
});

test("the server refuses letters of those who have not signed in, and what is too large", async () => {
  const before = letters(mail.lettersFolder).length;
  expect(await failure({ user: "", password: "" })).toMatch(/530|Authentication Required/i);
  const text = "x".repeat(11 * 1024 * 1024);
  await expect(sendMail(server(), { ...letter, text }, { ca })).rejects.toThrow(/552|size/i);
  expect(letters(mail.lettersFolder)).toHaveLength(before);
});

test("in the background it is one process a folder, with the same door and password each time", async () => {
  const own = mkdtempSync(path.join(tmpdir(), "atlas-sandbox-mail-"));
  onTestFinished(async () => {
    await stopMail(own);
    rmSync(own, { recursive: true });
  });
  const first = await startMail(own);
  expect(await startMail(own)).toEqual(first);
  expect(statSync(path.join(own, "mail.json")).mode & 0o777).toBe(0o600);
  const { ports, user, password, authorityFile, lettersFolder } = first;
  const there = { host: first.address, port: ports.startTls, user, password };
  await sendMail(server(there), letter, { ca: readFileSync(authorityFile, "utf8") });
  expect(letters(lettersFolder)).toHaveLength(1);
  await stopMail(own);
  expect(await failure(there)).toMatch(/ECONNREFUSED/);
  const second = await startMail(own);
  expect(second).toEqual({ ...first, pid: second.pid });
  expect(second.pid).not.toBe(first.pid);
});

/** RFC 2047. */
const decodedWords = (text: string): string =>
  text
    .replaceAll(/\?=\s+=\?/g, "?==?")
    .replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
      encoding.toUpperCase() === "B"
        ? Buffer.from(word, "base64").toString()
        : quotedPrintable(word.replaceAll("_", " ")),
    );

const quotedPrintable = (text: string): string =>
  Buffer.from(
    text
      .replaceAll("=\r\n", "")
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString();

function decodedBody(headers: Map<string | undefined, string>, body: string): string {
  expect(headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
  const encoding = headers.get("Content-Transfer-Encoding");
  const text = encoding === "base64" ? Buffer.from(body, "base64").toString() : quotedPrintable(body);
  return text.replaceAll("\r\n", "\n");
}
