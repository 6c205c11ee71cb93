import type { Answer } from "./transport.ts";

/** 2xx. */
export function isOk(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** The session is not (or no longer) valid: 401, or 403 without a body (atlas-api 4). */
export function meansSignedOut(answer: Answer): boolean {
  return answer.status === 401 || (answer.status === 403 && answer.text.trim() === "");
}

/** The body as JSON; undefined when it is none. */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text) as unknown;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

export function headerOf(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** What the server said about its error: the JSON's message, else the whole body; undefined for an empty one. */
export function serverMessageOf(answer: Answer): string | undefined {
  const body = jsonOf(answer);
  if (typeof body === "object" && body !== null) {
    if ("message" in body && typeof body.message === "string") return body.message;
    if ("error" in body && typeof body.error === "string") return body.error;
  }
  const text = answer.text.trim();
  return text === "" ? undefined : text;
}

const INTERNAL =
  /\bSQL\b|could not execute|constraint \[|\[(insert|select|update|delete) |nested exception|(\b[a-z]+\.){2,}[A-Z]\w+/i;
const MARKUP_OR_JSON = /^[<{[]/;
const LONGEST = 200;

/**
 * A server's message as people may see it: short, without SQL and class names.
 * @returns undefined for what is not meant for people at all, a page of HTML or JSON without a message.
 * @param serverMessage not more than a few thousand characters: the patterns take time with the square of the length.
 */
export function forPeople(serverMessage: string): string | undefined {
  if (MARKUP_OR_JSON.test(serverMessage)) return undefined;
  if (INTERNAL.test(serverMessage)) return "an internal error (its text is in details.serverMessage)";
  const line = serverMessage.replaceAll(/\s+/g, " ").trim();
  return line.length > LONGEST ? `"${line.slice(0, LONGEST)}…"` : `"${line}"`;
}
