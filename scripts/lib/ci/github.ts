// The one thing that is asked of GitHub: a comment on a pull request, found again by its marker and updated in place.
import { request } from "undici";
import { z } from "zod";
import { type Clock, systemClock } from "../../../client/clock.ts";
import { parseRetryAfter } from "../../../client/retry.ts";

export interface Repository {
  /** Of the REST API, such as https://api.github.com. */
  apiUrl: string;
  /** `owner/name`. */
  name: string;
  token: string;
}

/** The repository that the environment of a job names; undefined without a token. */
export function repositoryOf({
  GITHUB_API_URL,
  GITHUB_REPOSITORY,
  GITHUB_TOKEN,
}: NodeJS.ProcessEnv): Repository | undefined {
  if (!GITHUB_TOKEN || !GITHUB_REPOSITORY) return undefined;
  return { apiUrl: GITHUB_API_URL || "https://api.github.com", name: GITHUB_REPOSITORY, token: GITHUB_TOKEN };
}

/** GitHub's answer, or that there was none, in words. */
export class GitHubError extends Error {
  override name = "GitHubError";
  /** 0 where no answer came. */
  readonly status: number;
  /** Another attempt may help, and when it may be made; undefined where none will. */
  readonly againInMs: number | undefined;

  constructor(message: string, { status = 0, againInMs }: { status?: number; againInMs?: number } = {}) {
    super(message);
    this.status = status;
    this.againInMs = againInMs;
  }
}

const attempts = 5;
/** A job should not sit out a limit that lasts an hour. */
const longestPauseMs = 120_000;

const commentSchema = z.object({
  id: z.number(),
  html_url: z.string(),
  body: z.string().nullish(),
  user: z.object({ login: z.string(), type: z.string() }).nullable(),
});
type Comment = z.infer<typeof commentSchema>;

/**
 * Updates the pull request's comment that begins with the marker, or writes one. Comments of people are left alone,
 * whatever they begin with, unless the token is theirs.
 * @returns the comment's address
 * @throws GitHubError with GitHub's status and message
 */
export async function publishComment(
  repository: Repository,
  pullRequest: number,
  { marker, body }: { marker: string; body: string },
  clock: Clock = systemClock,
): Promise<{ url: string; updated: boolean }> {
  // All of it again, not the last request alone: a comment that was written although its answer was lost is found then.
  return persistently(async () => {
    const ours = await findComment(repository, pullRequest, marker, clock);
    const [method, path] = ours
      ? (["PATCH", `/issues/comments/${ours.id}`] as const)
      : (["POST", `/issues/${pullRequest}/comments`] as const);
    const { json } = await send(repository, method, repositoryUrl(repository, path), clock, { body });
    return { url: commentSchema.parse(json).html_url, updated: ours !== undefined };
  }, clock);
}

async function findComment(
  repository: Repository,
  pullRequest: number,
  marker: string,
  clock: Clock,
): Promise<Comment | undefined> {
  let url: string | undefined = repositoryUrl(repository, `/issues/${pullRequest}/comments?per_page=100`);
  while (url) {
    const page = await send(repository, "GET", url, clock);
    for (const comment of z.array(commentSchema).parse(page.json))
      if (comment.body?.startsWith(marker) && (await isOurs(repository, comment, clock))) return comment;
    url = page.next;
  }
  return undefined;
}

/** A job's own token is an app's, which may not ask who it is; a person's may. */
async function isOurs(repository: Repository, { user }: Comment, clock: Clock): Promise<boolean> {
  if (user?.type === "Bot") return true;
  try {
    const { json } = await send(repository, "GET", `${repository.apiUrl}/user`, clock);
    return z.object({ login: z.string() }).parse(json).login === user?.login;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 403 && error.againInMs === undefined) return false;
    throw error;
  }
}

async function persistently<T>(work: () => Promise<T>, clock: Clock): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GitHubError) || error.againInMs === undefined || attempt === attempts)
        throw error;
      if (error.againInMs > longestPauseMs) throw error;
      await clock.sleep(Math.max(error.againInMs, 1000 * 2 ** (attempt - 1)));
    }
  }
}

const repositoryUrl = ({ apiUrl, name }: Repository, path: string) => `${apiUrl}/repos/${name}${path}`;

async function send(
  { token }: Repository,
  method: "GET" | "POST" | "PATCH",
  url: string,
  clock: Clock,
  json?: object,
): Promise<{ json: unknown; next: string | undefined }> {
  const what = `${method} ${url}`;
  const answer = await request(url, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "atlas-cmms-pulumi",
      "x-github-api-version": "2022-11-28",
      ...(json && { "content-type": "application/json" }),
    },
    ...(json && { body: JSON.stringify(json) }),
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
  })
    .then(async ({ statusCode, headers, body }) => ({ statusCode, headers, text: await body.text() }))
    .catch((cause: Error) => {
      throw new GitHubError(`GitHub does not answer ${what}: ${cause.message}`, { againInMs: 0 });
    });
  const { statusCode: status, headers, text } = answer;
  if (status >= 200 && status < 300) return { json: JSON.parse(text), next: nextPage(oneOf(headers.link)) };
  const message = messageOf(text);
  const againInMs = pauseAfter(status, headers, message, clock);
  throw new GitHubError(`GitHub answers ${status} to ${what}: ${message}${hintFor(status, message)}`, {
    status,
    ...(againInMs !== undefined && { againInMs }),
  });
}

type Headers = Record<string, string | string[] | undefined>;
const oneOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

/** Limits are told by 429, or by a 403 that says when to come back, or says so in words. */
function pauseAfter(status: number, headers: Headers, message: string, clock: Clock): number | undefined {
  const asked = parseRetryAfter(oneOf(headers["retry-after"]), clock.now());
  if (status >= 500) return asked ?? 0;
  if (status !== 429 && status !== 403) return undefined;
  if (asked !== undefined) return asked;
  if (oneOf(headers["x-ratelimit-remaining"]) === "0")
    return Math.max(0, Number(oneOf(headers["x-ratelimit-reset"])) * 1000 - clock.now());
  // Without a word on when, GitHub asks for a minute at least.
  return status === 429 || /rate limit/i.test(message) ? 60_000 : undefined;
}

function messageOf(text: string): string {
  try {
    const { message, errors } = JSON.parse(text) as { message?: unknown; errors?: unknown };
    return `${message}${errors ? ` ${JSON.stringify(errors)}` : ""}`.slice(0, 500);
  } catch {
    // A proxy's error page.
    return text.slice(0, 200);
  }
}

const hintFor = (status: number, message: string): string =>
  status === 403 && /not accessible/i.test(message)
    ? " (the job needs `permissions: pull-requests: write`; pull requests from forks never get it)"
    : "";

/** `Link: <https://...&page=2>; rel="next", <...>; rel="last"` */
const nextPage = (link: string | undefined): string | undefined =>
  link?.match(/<([^>]+)>;\s*rel="next"/)?.[1];
