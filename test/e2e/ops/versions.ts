// Other versions of Atlas for tests: the stand-in's image with one more change.
import { imageFor } from "../../../components/services/images.ts";
import { docker } from "../../../ops/docker.ts";
import { imageMirror } from "../../../sandbox/images/names.ts";

const current = imageFor("backend", { images: {}, imageMirror });
const sources = "/opt/sandbox/atlas";

/** One more change set behind those that there are; the statement must not hold a slash or a quote. */
const changeSet = (id: string, sql: string) =>
  `RUN sed -i 's/\\.\\.\\.WORK_CHANGESETS\\]/...WORK_CHANGESETS, { id: "${id}", sql: "${sql}" }]/' ${sources}/database/migrate.ts && grep -q ${id} ${sources}/database/migrate.ts`;

const addsColumn = changeSet("9001-colour", "ALTER TABLE work_order ADD COLUMN colour varchar(20)");

const inMain = (from: string, to: string) =>
  `RUN sed -i 's/${from}/${to}/' ${sources}/main.ts && grep -qF '${to}' ${sources}/main.ts`;

const kinds = {
  /** The schema moves. */
  newer: addsColumn,
  /** The schema moves, and then it ends before it serves. */
  dying: `${addsColumn}\n${inMain("settings.knobs, log);", "settings.knobs, log); process.exit(1);")}`,
  /** The schema stays, it serves, and it knows no work orders. */
  broken: inMain("\\.\\.\\.workOrderRoutes,", "...[],"),
};

/** @returns the image's name */
export async function makeVersion(kind: keyof typeof kinds, tag: string): Promise<string> {
  const name = `${current.replace(/:[^:]*$/, "")}:${tag}`;
  await docker(["build", "--quiet", "--tag", name, "-"], {
    input: `FROM ${current}\n${kinds[kind]}\n`,
    timeoutMs: 120_000,
  });
  return name;
}
