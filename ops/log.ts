// What an act says while it runs: a line of JSON for programs, or a line for people, always without secrets.
import { randomBytes } from "node:crypto";
import { masked } from "../components/secrets/mask.ts";
import type { Deployment } from "./deployment.ts";

export type Level = "info" | "warning" | "error";
/** An Error stands for its message and those of its causes. */
export type Fields = Record<string, unknown>;

export interface Log {
  /** The same in every line, result and audit record of one act. */
  readonly correlationId: string;
  info(message: string, fields?: Fields): void;
  warning(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export interface LogOptions {
  /** What is being done, such as backup. */
  act: string;
  correlationId?: string;
  stream?: { write(line: string): unknown; isTTY?: boolean };
  /** For people at a terminal, else JSON, unless it is said here. */
  form?: "json" | "human";
  /** Values that no line may show, as secretsOf gives them. */
  hide?: string[];
}

export interface Line {
  time: string;
  level: Level;
  act: string;
  correlationId: string;
  message: string;
  [field: string]: unknown;
}

export function openLog({
  act,
  correlationId = randomBytes(6).toString("hex"),
  stream = process.stderr,
  form = stream.isTTY ? "human" : "json",
  hide = [],
}: LogOptions): Log {
  const textOf = form === "human" ? humanLine : JSON.stringify;
  const say =
    (level: Level) =>
    (message: string, fields: Fields = {}) => {
      const time = new Date().toISOString();
      const line: Line = { time, level, act, correlationId, message: masked(message, hide) };
      const safe = Object.entries(fields).map(([name, value]) => [name, withoutSecrets(value, hide)]);
      // What every line has is not for a field of the same name to replace.
      stream.write(`${textOf({ ...line, ...Object.fromEntries(safe), ...line })}\n`);
    };
  return { correlationId, info: say("info"), warning: say("warning"), error: say("error") };
}

/** 16:45:00 backup: copied objects (count 12, seconds 3.4) */
export function humanLine({ time, level, act, correlationId: _, message, ...fields }: Line): string {
  const said = Object.entries(fields).map(
    ([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const mark = level === "info" ? "" : `${level.toUpperCase()}: `;
  const rest = said.length > 0 ? ` (${said.join(", ")})` : "";
  return oneLine(`${time.slice(11, 19)} ${act}: ${mark}${message}${rest}`);
}

/** Without control characters: what a container or a server wrote must not move the reader's terminal. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();

/** An error's message with those of its causes, as far as these say more. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined) return error.message;
  const cause = messageOf(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}

/** Values of a deployment that nothing may show, the longest first, as one may be a part of another. */
export function secretsOf({ remote, backupKey, alerts }: Deployment): string[] {
  const values = [
    backupKey,
    ...(remote ? [remote.secretAccessKey] : []),
    ...(alerts.mail ? [alerts.mail.server.password] : []),
    ...(alerts.webhook === undefined ? [] : secretsOfUrl(alerts.webhook)),
  ];
  return [...new Set(values)].filter((value) => value !== "").sort((a, b) => b.length - a.length);
}

/** Whoever knows the path of a webhook may post to it. */
function secretsOfUrl(text: string): string[] {
  const { pathname, search, password } = new URL(text);
  const place = `${pathname}${search}`;
  return [text, password, ...(place === "/" ? [] : [place])];
}

/** The same value with each text in it masked. */
function withoutSecrets(value: unknown, hide: string[]): unknown {
  if (typeof value === "string") return masked(value, hide);
  if (value instanceof Error) return masked(messageOf(value), hide);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, hide));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets(item, hide)]));
}
