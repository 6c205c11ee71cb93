// A mail server for the sandbox: it takes letters over TLS from whoever signs in, and keeps each as a file.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";
import { certificateFor } from "./certificate.ts";

export interface MailOptions {
  /** Certificates and letters are kept here. */
  folder: string;
  /** Of this machine. */
  address?: string;
  /** By which clients call it, besides its address. */
  names?: string[];
  /** Free ones where they are missing. */
  ports?: MailPorts;
  /** A new one where it is missing. */
  password?: string;
  log?: (line: string) => void;
}

export interface MailPorts {
  /** TLS begins by STARTTLS, as at port 587. */
  startTls: number;
  /** TLS from the first byte, as at port 465. */
  tls: number;
}

export interface MailInfo {
  address: string;
  ports: MailPorts;
  user: string;
  password: string;
  /** PEM; whoever trusts this trusts the server. */
  authorityFile: string;
  lettersFolder: string;
}

export type Mail = MailInfo & AsyncDisposable;

const mostBytes = 10 * 1024 * 1024;
const user = "atlas";

/** @throws Error where a port is taken, Stop where openssl is missing */
export async function serveMail({
  folder,
  address = "127.0.0.1",
  names = [],
  ports = { startTls: 0, tls: 0 },
  password = randomBytes(18).toString("base64url"),
  log = () => {},
}: MailOptions): Promise<Mail> {
  const { authorityFile, key, certificate } = certificateFor(folder, [...names, address]);
  const lettersFolder = path.join(folder, "letters");
  mkdirSync(lettersFolder, { recursive: true, mode: 0o700 });
  const options: SMTPServerOptions = {
    key,
    cert: certificate,
    size: mostBytes,
    banner: "Atlas CMMS sandbox",
    authMethods: ["PLAIN", "LOGIN"],
    allowInsecureAuth: false,
    disableReverseLookup: true,
    onAuth: (given, _session, answer) => {
      const right = given.username === user && isSame(given.password ?? "", password);
      log(`${given.username} signed in: ${right ? "yes" : "wrong user or password"}`);
      if (right) answer(null, { user });
      else answer(refusal(535, "Authentication credentials invalid"));
    },
    onData: (stream, session, answer) => {
      keep(stream, session, lettersFolder).then(
        (file) => {
          log(`kept ${file}`);
          answer(null, `kept as ${path.basename(file)}`);
        },
        (error: Error) => {
          log(error.message);
          answer(error);
        },
      );
    },
  };
  await using parts = new AsyncDisposableStack();
  const startTls = parts.use(await listening(options, { address, port: ports.startTls, log }));
  const tls = parts.use(await listening({ ...options, secure: true }, { address, port: ports.tls, log }));
  const opened = parts.move();
  return {
    address,
    ports: { startTls: startTls.port, tls: tls.port },
    user,
    password,
    authorityFile,
    lettersFolder,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** What arrived, the oldest first, as it was sent, below the lines that the server adds. */
export const letters = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".eml"))
    .sort()
    .map((name) => readFileSync(path.join(folder, name), "utf8"));

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

/** With the lines on top that a mail server adds: who it is from and for, and how it came. */
async function keep(
  stream: Readable & { sizeExceeded?: boolean },
  session: SMTPServerSession,
  folder: string,
): Promise<string> {
  const letter = await buffer(stream);
  if (stream.sizeExceeded) throw refusal(552, `Message exceeds fixed maximum message size ${mostBytes}`);
  const { mailFrom, rcptTo } = session.envelope;
  const now = new Date();
  const added = [
    `Return-Path: <${mailFrom ? mailFrom.address : ""}>`,
    ...rcptTo.map(({ address }) => `Delivered-To: ${address}`),
    `Received: from ${session.hostNameAppearsAs} ([${session.remoteAddress}]) with ${session.secure ? "ESMTPSA" : "ESMTPA"} id ${session.id}; ${now.toUTCString()}`,
  ];
  const stamp = now.toISOString().replaceAll(/[:.]/g, "-");
  const file = path.join(folder, `${stamp}-${randomBytes(3).toString("hex")}.eml`);
  writeFileSync(`${file}.partial`, Buffer.concat([Buffer.from(`${added.join("\r\n")}\r\n`), letter]));
  renameSync(`${file}.partial`, file);
  return file;
}

async function listening(
  options: SMTPServerOptions,
  { address, port, log }: { address: string; port: number; log: (line: string) => void },
): Promise<AsyncDisposable & { port: number }> {
  const server = new SMTPServer({ ...options, closeTimeout: 1000 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // Clients that break off, or do not trust the certificate.
  server.on("error", (error) => log(error.message));
  return {
    port: portOf(server.server.address()),
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new Error("the mail server has no port");
  return address.port;
}
