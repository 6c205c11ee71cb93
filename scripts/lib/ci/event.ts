// What GitHub Actions says about the run that a script is part of.
import { readFileSync } from "node:fs";
import { z } from "zod";

export interface Run {
  pullRequest?: {
    number: number;
    /** Comes from another repository: no secrets, and a token that only reads. */
    fromFork: boolean;
    /** Commit that it would be merged into. */
    base: string;
  };
  commit?: string;
  url?: string;
}

const eventFile = z.object({
  pull_request: z
    .object({
      number: z.number(),
      base: z.object({ sha: z.string(), repo: z.object({ full_name: z.string() }) }),
      // A fork that was deleted has no repository any more.
      head: z.object({ sha: z.string(), repo: z.object({ full_name: z.string() }).nullable() }),
    })
    .optional(),
});

/** Reads the environment's GITHUB_ variables; outside of GitHub Actions there is nothing to know. */
export function currentRun(env: NodeJS.ProcessEnv): Run {
  const { GITHUB_EVENT_PATH, GITHUB_SHA, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env;
  if (!GITHUB_EVENT_PATH) return {};
  const { pull_request } = eventFile.parse(JSON.parse(readFileSync(GITHUB_EVENT_PATH, "utf8")));
  // On a pull request GITHUB_SHA is a merge that nobody has ever seen.
  const commit = pull_request?.head.sha ?? GITHUB_SHA;
  return {
    ...(pull_request && {
      pullRequest: {
        number: pull_request.number,
        fromFork: pull_request.head.repo?.full_name !== pull_request.base.repo.full_name,
        base: pull_request.base.sha,
      },
    }),
    ...(commit && { commit }),
    ...(GITHUB_RUN_ID && { url: `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}` }),
  };
}
