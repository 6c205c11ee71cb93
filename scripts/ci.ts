// What continuous integration does (docs/ci.md): looks at a change, and reports a deployment. The workflows only call it.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { SmokeReport } from "../components/smoke/report.ts";
import { artefacts, secretsIn } from "./lib/ci/artefacts.ts";
import { marker } from "./lib/ci/comment.ts";
import { currentRun, type Run } from "./lib/ci/event.ts";
import { GitHubError, publishComment, repositoryOf } from "./lib/ci/github.ts";
import { isAllowed, licences, licenceTable } from "./lib/ci/licences.ts";
import { conclude, look } from "./lib/ci/look.ts";
import { smokeMarkdown } from "./lib/ci/smoke-summary.ts";
import { objections } from "./lib/ci/verdict.ts";
import { main, Stop } from "./lib/process.ts";
import { localFolder, root } from "./lib/root.ts";
import { outputs } from "./lib/stack.ts";
import { configured, runsOnDroplet } from "./lib/stack-file.ts";
import { lastWorld } from "./lib/world.ts";

const usage = `Usage: scripts/ci preview STACK [--out FOLDER] [--sandbox|--online]
       scripts/ci deploy-summary STACK [--outcome OUTCOME] [--sandbox|--online]
       scripts/ci require VARIABLE...
       scripts/ci licences`;

await main(async () => {
  const { values, positionals } = read(process.argv.slice(2));
  const world = values.sandbox ? "sandbox" : values.online ? "online" : undefined;
  const [command = "", stack = "", ...rest] = positionals;
  if (rest.length === 0 && command === "preview" && stack) return preview(stack, { ...values, world });
  if (rest.length === 0 && command === "deploy-summary" && stack)
    return deploySummary(stack, { ...values, world });
  if (command === "require" && stack) return requireVariables([stack, ...rest]);
  if (command === "licences" && !stack) return licenceList();
  throw new Stop(usage);
});

type World = "sandbox" | "online" | undefined;

/** Ends with 1 where the plan must not be carried out. */
async function preview(stack: string, { out, world }: { out?: string | undefined; world: World }) {
  const run = currentRun(process.env);
  const context = { production: runsOnDroplet(stack), backupsWaiver: configured(stack, "backupsWaiver") };
  const finding = conclude(stack, await look(stack, world, run), context);
  const { comment, summary, files } = artefacts(finding, run, secretsIn(process.env));

  const folder = path.resolve(out ?? path.join(localFolder, "ci", stack));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  summarise(summary);
  await tellPullRequest(run, stack, comment);
  const reasons = objections(finding);
  console.log(
    `\n${stack}: ${reasons.length > 0 ? `must not go on: ${reasons.join("; ")}` : "may go on"}. All of it: ${folder}/comment.md`,
  );
  return reasons.length > 0 ? 1 : 0;
}

/** What GitHub refuses is no fault of the change: the summary and the files hold the same. */
async function tellPullRequest({ pullRequest }: Run, stack: string, body: string): Promise<void> {
  if (!pullRequest) return;
  const repository = repositoryOf(process.env);
  if (!repository) {
    console.log(
      "No comment: GITHUB_TOKEN is not set. The job's summary and artefact hold what it would say.",
    );
    return;
  }
  if (pullRequest.fromFork) {
    console.log(
      "No comment: a fork's token only reads. The job's summary and artefact hold what it would say.",
    );
    return;
  }
  try {
    const { url, updated } = await publishComment(repository, pullRequest.number, {
      marker: marker(stack),
      body,
    });
    console.log(`${updated ? "Updated" : "Wrote"} the comment ${url}`);
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    console.log(
      `::warning::No comment: ${error.message}. The job's summary and artefact hold what it would say.`,
    );
  }
}

async function deploySummary(
  stack: string,
  { outcome, world: asked }: { outcome?: string | undefined; world: World },
) {
  const world = await lastWorld(stack, asked);
  const { smoke } = outputs(world, stack) as { smoke?: SmokeReport };
  const passed = outcome === undefined || outcome === "success";
  summarise(smokeMarkdown(stack, smoke, passed));
  return 0;
}

/** A secret that GitHub does not have is an empty text to the job, and no error. */
function requireVariables(names: string[]) {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length === 0) return 0;
  throw new Stop(
    `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set. Add each as a secret: the repository's Settings, Environments, production, Add environment secret (docs/ci.md).`,
  );
}

/** Ends with 1 where a package may not be shipped with. */
function licenceList() {
  const all = licences(root);
  summarise(`## Licences\n\n${licenceTable(all)}`);
  const refused = all.filter(({ licence }) => !isAllowed(licence));
  for (const { name, version, licence } of refused)
    console.error(
      `${name}@${version}: ${licence} is not on the list in scripts/lib/ci/licences.ts: read its terms, then add it there or do without the package.`,
    );
  console.log(`${all.length} packages, ${refused.length} with a licence that is not allowed.`);
  return refused.length > 0 ? 1 : 0;
}

/** On the run's page; at a terminal, on it. */
function summarise(markdown: string): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file) appendFileSync(file, `${markdown}\n`);
  else console.log(`\n${markdown}`);
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        out: { type: "string" },
        outcome: { type: "string" },
        sandbox: { type: "boolean" },
        online: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
