import { setTimeout as delay } from "node:timers/promises";
import { type Dispatcher, request } from "undici";
import { ApiError, type ErrorBody, messageOf } from "./errors.ts";
import type { Settings } from "./settings.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
interface Call {
  method: Method;
  url: string;
}

interface Answer {
  status: number;
  headers: Dispatcher.ResponseData["headers"];
  text: string;
}

interface Page {
  links?: { pages?: { next?: string; last?: string } };
}

const PER_PAGE = 200;

/** The DigitalOcean API, with the patience of the original's client. */
export class DigitalOcean {
  readonly #settings: Settings;
  /** When the next request may start, where requests per second are limited. */
  #free = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get<T>(path: string): Promise<T> {
    return this.#send("GET", path);
  }
  post<T>(path: string, body: object): Promise<T> {
    return this.#send("POST", path, body);
  }
  put<T>(path: string, body: object): Promise<T> {
    return this.#send("PUT", path, body);
  }
  patch<T>(path: string, body: object): Promise<T> {
    return this.#send("PATCH", path, body);
  }
  delete(path: string, body?: object): Promise<void> {
    return this.#send("DELETE", path, body);
  }

  /** Every page of a list. */
  async list<T>(path: string, key: string): Promise<T[]> {
    const items: T[] = [];
    for (let page = 1; ; page++) {
      const separator = path.includes("?") ? "&" : "?";
      const part = await this.get<Page & Record<string, T[] | undefined>>(
        `${path}${separator}page=${page}&per_page=${PER_PAGE}`,
      );
      items.push(...(part[key] ?? []));
      if (!part.links?.pages?.next) return items;
    }
  }

  async #send<T>(method: Method, path: string, body?: object): Promise<T> {
    const call = { method, url: new URL(`v2/${path}`, this.#settings.endpoint).href };
    const { retryMax } = this.#settings;
    for (let attempt = 1; ; attempt++) {
      await this.#turn();
      const outcome = await this.#attempt(call, body);
      const isLast = attempt > retryMax;
      if (outcome instanceof Error) {
        if (isLast) throw outcome;
      } else if (isLast || !isWorthAnother(outcome.status)) {
        const gaveUp = retryMax > 0 && isWorthAnother(outcome.status);
        return resultOf<T>(call, outcome, gaveUp ? attempt : 0);
      }
      await delay(this.#wait(attempt, outcome));
    }
  }

  async #attempt(call: Call, body: object | undefined): Promise<Answer | Error> {
    try {
      const {
        statusCode,
        headers,
        body: stream,
      } = await request(call.url, {
        method: call.method,
        headers: {
          authorization: `Bearer ${this.#settings.token}`,
          accept: "application/json",
          ...(body && { "content-type": "application/json" }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: statusCode, headers, text: await stream.text() };
    } catch (cause) {
      return new Error(`${call.method} ${call.url}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Milliseconds until the next attempt. */
  #wait(attempt: number, outcome: Answer | Error): number {
    const { retryWaitMinSeconds, retryWaitMaxSeconds } = this.#settings;
    const asked = outcome instanceof Error ? undefined : askedToWait(outcome);
    return 1000 * (asked ?? Math.min(retryWaitMinSeconds * 2 ** (attempt - 1), retryWaitMaxSeconds));
  }

  async #turn(): Promise<void> {
    const { requestsPerSecond } = this.#settings;
    if (requestsPerSecond === 0) return;
    const start = Math.max(Date.now(), this.#free);
    this.#free = start + 1000 / requestsPerSecond;
    await delay(start - Date.now());
  }
}

/** 501 says that asking again is of no use. */
function isWorthAnother(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

/** Seconds, from a Retry-After in seconds or as a date. */
function askedToWait({ status, headers }: Answer): number | undefined {
  const asked = headers["retry-after"];
  if ((status !== 429 && status !== 503) || typeof asked !== "string") return undefined;
  if (/^\d+$/.test(asked)) return Number(asked);
  const date = Date.parse(asked);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

function resultOf<T>(call: Call, { status, headers, text }: Answer, attempts: number): T {
  if (status >= 200 && status < 300) return (text === "" ? undefined : parsed(call, text)) as T;
  const id = headers["x-request-id"];
  throw new ApiError(
    call,
    status,
    { ...(typeof id === "string" && { request_id: id }), ...errorBody(text) },
    attempts,
  );
}

function parsed(call: Call, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(
      `${call.method} ${call.url}: the answer is no JSON but ${JSON.stringify(text.slice(0, 80))}`,
    );
  }
}

/** What is no JSON, as of a proxy in between, is the message itself. */
function errorBody(text: string): ErrorBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : { message: text };
  } catch {
    return { message: text };
  }
}
