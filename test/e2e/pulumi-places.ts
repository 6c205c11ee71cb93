// Where Pulumi, and whoever runs it, may leave something: a run of up, a preview of what changes then, and a second up
// that renews secrets are watched for it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { distinct, generatedSecrets, type Place, type Secret } from "./secret-search.ts";
import { type Running, root, type TestStack } from "./test-stack.ts";

export const pulumiPlaceNames = [
  "the state",
  "its backups",
  "its history",
  "the stack's configuration file",
  "Pulumi's own logs",
  "the output of up --diff",
  "the event log of up",
  "the output of preview --diff",
  "the output of preview --json",
  "the event log of preview",
  "the arguments of all processes",
] as const;

export interface Watched {
  places: Record<(typeof pulumiPlaceNames)[number], Place>;
  /** Those that are in use, and those that were before. */
  generated: Secret[];
}

/**
 * @param options.rotate secrets to renew: a preview then has the old and the new ones to tell about
 * @param options.known in the output of up, and in the event logs
 */
export async function watchDeployment(
  stack: TestStack,
  { rotate, known }: { rotate: string[]; known: { output: string; event: string } },
): Promise<Watched> {
  const began = Date.now();
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-canary-"));
  // Pulumi's event log is what its debug commands offer.
  const logged = (name: string, script: "up" | "preview", ...args: string[]): Running =>
    stack.startWith(
      { PULUMI_DEBUG_COMMANDS: "true" },
      script,
      ...args,
      "--event-log",
      path.join(folder, `${name}.json`),
    );
  const events = (name: string): string => readFileSync(path.join(folder, `${name}.json`), "utf8");
  const seen = watchArguments();
  try {
    const first = await succeed(logged("first", "up", "--diff"));
    const before = await generatedSecrets(stack);
    stack.configure({ rotate: Object.fromEntries(rotate.map((secret) => [secret, 1])) });
    const preview = await succeed(logged("preview", "preview"));
    const json = await succeed(stack.startWith({}, "preview", "--json"));
    const second = await succeed(logged("second", "up", "--diff"));
    const state = (kind: string): Place => ({
      text: filesBelow(path.join(root, ".atlas/sandbox/state/.pulumi", kind), ({ file }) =>
        file.includes(stack.name),
      ),
      known: `urn:pulumi:${stack.name}::atlas::`,
    });
    const config = readFileSync(path.join(root, `Pulumi.${stack.name}.yaml`), "utf8");
    return {
      places: {
        "the state": state("stacks"),
        "its backups": state("backups"),
        "its history": state("history"),
        "the stack's configuration file": { text: config, known: "STANDIN_BOOT_MS" },
        "Pulumi's own logs": {
          text: filesBelow(path.join(root, ".atlas/sandbox/home/logs"), ({ written }) => written >= began),
          known: stack.name,
        },
        "the output of up --diff": { text: first + second, known: known.output },
        "the event log of up": { text: events("first") + events("second"), known: known.event },
        "the output of preview --diff": { text: preview, known: "superAdminPassword" },
        "the output of preview --json": { text: json, known: known.event },
        "the event log of preview": { text: events("preview"), known: known.event },
        "the arguments of all processes": { text: seen(), known: `up --stack ${stack.name} --yes` },
      },
      generated: distinct([...before, ...(await generatedSecrets(stack))]),
    };
  } finally {
    seen();
    rmSync(folder, { recursive: true });
  }
}

async function succeed(running: Running): Promise<string> {
  const { code, output } = await running.finished;
  expect(code, output).toBe(0);
  return output;
}

function filesBelow(top: string, isWanted: (file: { file: string; written: number }) => boolean): string {
  return readdirSync(top, { recursive: true, encoding: "utf8" })
    .map((file) => path.join(top, file))
    .map((file) => ({ file, stat: statSync(file, { throwIfNoEntry: false }) }))
    .filter(({ file, stat }) => stat?.isFile() && isWanted({ file, written: stat.mtimeMs }))
    .map(({ file }) => `${file}\n${readFileSync(file, "utf8")}`)
    .join("\n");
}

/**
 * Reads the arguments of every process on the machine, its containers' among them, again and again; the function that
 * it returns ends that.
 */
function watchArguments(): () => string {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of processIds()) seen.add(ofProcess(pid, "cmdline").replaceAll("\0", " "));
  }, 20);
  return () => {
    clearInterval(timer);
    return [...seen].join("\n");
  };
}

export const processIds = (): string[] => readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));

/** Empty when it has just ended, or lets nobody look into it, as the first process of some machines. */
export function ofProcess(pid: string, file: "cmdline" | "environ" | "cgroup"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes(String((error as NodeJS.ErrnoException).code))) return "";
    throw error;
  }
}
