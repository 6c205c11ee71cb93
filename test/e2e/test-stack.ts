// A stack of its own for a test: real engine, real containers, torn down with its data at the end.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { AtlasClient } from "../../client/index.ts";
import { docker } from "../../components/hosts/docker-cli.ts";
import type { SmokeReport } from "../../components/smoke/report.ts";
import { freePorts } from "../../sandbox/free-port.ts";

export const root = path.resolve(import.meta.dirname, "../..");

export interface Finished {
  code: number;
  /** Standard output alone. */
  out: string;
  /** Both outputs, in the order they came. */
  output: string;
}

export interface StackOutputs {
  url: string;
  apiUrl: string;
  adminEmail: string;
  adminPassword: string;
  services: { name: string; image: string; health: string }[];
  smoke: SmokeReport;
}

export class TestStack {
  readonly name = `test-${randomBytes(3).toString("hex")}`;
  readonly prefix = `sandbox-${this.name}`;
  readonly config: Record<string, unknown>;

  private constructor(port: number, postgresPort: number, config: Record<string, unknown>) {
    this.config = {
      publicUrl: `http://localhost:${port}`,
      postgresPort: String(postgresPort),
      adminEmail: "admin@example.com",
      storage: "false",
      ...config,
    };
    this.writeConfig();
  }

  /** A stack that is configured but not deployed. @param config `atlas:` keys beyond the defaults of the tests */
  static async make(config: Record<string, unknown> = {}): Promise<TestStack> {
    const [port, postgresPort] = await freePorts(2);
    return new TestStack(port ?? 0, postgresPort ?? 0, config);
  }

  /** Changes configuration keys; undefined removes one. */
  configure(changes: Record<string, unknown>): void {
    Object.assign(this.config, changes);
    this.writeConfig();
  }

  up(...args: string[]): Promise<Finished> {
    return this.start("up", ...args).finished;
  }

  down(...args: string[]): Promise<Finished> {
    return this.start("down", ...args).finished;
  }

  /** Runs a script on this stack to its end, whatever comes of it. */
  script(name: string, ...args: string[]): Promise<Finished> {
    return run(`scripts/${name}`, [this.name, "--sandbox", ...args]).finished;
  }

  /** The same. @throws Error with all that it wrote, where it fails */
  async succeeds(name: string, ...args: string[]): Promise<Finished> {
    const finished = await this.script(name, ...args);
    if (finished.code !== 0)
      throw new Error(`scripts/${name}: exit code ${finished.code}\n${finished.output}`);
    return finished;
  }

  async pulumi(...args: string[]): Promise<string> {
    const { code, output } = await run("scripts/pulumi", ["--sandbox", ...args, "--stack", this.name])
      .finished;
    if (code !== 0) throw new Error(output);
    return output;
  }

  /** Starts scripts/up or scripts/down without waiting for it. */
  start(script: "up" | "down", ...args: string[]): Running {
    return this.startWith({}, script, ...args);
  }

  /** The same with further environment variables. */
  startWith(env: NodeJS.ProcessEnv, script: "up" | "down" | "preview", ...args: string[]): Running {
    return run(`scripts/${script}`, [this.name, "--sandbox", ...args], env);
  }

  /** Stores a value encrypted. @param key with its path, such as `backendEnv.SMTP_PWD` */
  async setSecret(key: string, value: string): Promise<void> {
    await this.pulumi("stack", "select", "--create");
    const args = ["--sandbox", "config", "set", "--secret", "--path", `atlas:${key}`, "--stack", this.name];
    const { code, output } = await run("scripts/pulumi", args, {}, value).finished;
    if (code !== 0) throw new Error(output);
    const [top = ""] = key.split(".");
    this.config[top] = parse(readFileSync(this.configFile, "utf8")).config[`atlas:${top}`];
  }

  async outputs(): Promise<StackOutputs> {
    return JSON.parse(await this.pulumi("stack", "output", "--json", "--show-secrets"));
  }

  /** The administrator's client of the deployed stack. */
  async client(): Promise<AtlasClient> {
    const { apiUrl, adminEmail, adminPassword } = await this.outputs();
    return new AtlasClient({
      baseUrl: apiUrl,
      email: adminEmail,
      password: adminPassword,
      rateLimits: false,
    });
  }

  container(service: string): string {
    return `${this.prefix}-${service}`;
  }

  /** Service -> container id, of the containers that exist. */
  async containerIds(): Promise<Record<string, string>> {
    const list = await docker([
      "ps",
      "-a",
      "--no-trunc",
      "--filter",
      `name=^/${this.prefix}-`,
      "--format",
      "{{.Names}} {{.ID}}",
    ]);
    return Object.fromEntries(
      list
        .split("\n")
        .filter(Boolean)
        .map((line) => [line.split(" ")[0]?.slice(this.prefix.length + 1), line.split(" ")[1]]),
    );
  }

  /** Takes everything away, also after a run that failed half-way. */
  async remove(): Promise<void> {
    await this.down("--delete-data");
    await removeEngineObjects(this.prefix);
    await this.forget();
    rmSync(this.configFile, { force: true });
  }

  /** Drops the state alone, as when somebody loses it: what runs and the data stay. */
  async forget(): Promise<void> {
    await run("scripts/pulumi", ["--sandbox", "stack", "rm", "--yes", "--force", this.name]).finished;
    this.writeConfig();
  }

  private get configFile(): string {
    return path.join(root, `Pulumi.${this.name}.yaml`);
  }

  /** Pulumi writes the salt of its passphrase into the file when it makes the stack: that stays. */
  private writeConfig(): void {
    const before = existsSync(this.configFile) ? parse(readFileSync(this.configFile, "utf8")) : {};
    const keys = Object.entries(this.config).filter(([, value]) => value !== undefined);
    const config = Object.fromEntries(keys.map(([key, value]) => [`atlas:${key}`, value]));
    writeFileSync(this.configFile, stringify({ ...before, config }));
  }
}

export interface Running {
  child: ChildProcess;
  finished: Promise<Finished>;
  /** What it has written so far. */
  output: () => string;
  /** Kills the script and the engine; plugins, which have process groups of their own, are left to notice. */
  killAll: () => void;
  /** Kills it and every process that it started, as a power cut would. */
  cutPower: () => void;
  /** Processes that it started, whatever group they are in, and that still run. */
  processes: () => number[];
}

/** Starts a script of the project in a session of its own. @param input for its standard input */
export function run(script: string, args: string[], env: NodeJS.ProcessEnv = {}, input?: string): Running {
  const child = spawn(path.resolve(root, script), args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  // A command that ends without reading closes its input; its exit code says what happened.
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  let out = "";
  let output = "";
  const keep = (chunk: string) => {
    output += chunk;
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stdout.on("data", (chunk: string) => {
    out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", keep);
  return {
    child,
    output: () => output,
    finished: new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? 1, out, output }));
    }),
    killAll: () => {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    },
    cutPower: () => {
      for (const pid of sessionOf(child.pid)) spawnSync("kill", ["-KILL", String(pid)]);
    },
    processes: () => sessionOf(child.pid),
  };
}

/** Living processes of a session; one that is dead but not collected yet does not count. */
function sessionOf(leader: number | undefined): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const [, state, , , session] = statOf(pid);
      return session === String(leader) && state !== "Z" && state !== "X";
    })
    .map(Number);
}

/** Fields of a process after its name: "", state, parent, group, session ...; empty when it has just ended. */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 1).split(" ");
  } catch {
    return [];
  }
}

/** Waits until a condition holds; looks every 100 ms. @throws Error with what was waited for, after the time */
export async function until(
  what: string,
  seconds: number,
  condition: () => Promise<boolean> | boolean,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Removes containers, networks and volumes whose names begin with the prefix. */
export async function removeEngineObjects(prefix: string): Promise<void> {
  const names = async (...args: string[]) =>
    (await docker(args)).split("\n").filter((name) => name.startsWith(prefix));
  for (const name of await names("ps", "-a", "--format", "{{.Names}}")) await docker(["rm", "-f", name]);
  for (const name of await names("network", "ls", "--format", "{{.Name}}"))
    await docker(["network", "rm", name]);
  for (const name of await names("volume", "ls", "--format", "{{.Name}}"))
    await docker(["volume", "rm", name]);
}

/** What a test run that was killed has left; younger objects may belong to a run that is still going. */
export async function removeOldTestObjects(): Promise<void> {
  const hourAgo = Date.now() - 3_600_000;
  const list = await docker(["ps", "-a", "--filter", "name=^/sandbox-test-", "--format", "{{.Names}}"]);
  for (const name of list.split("\n").filter(Boolean)) {
    const created = (await docker(["inspect", "--format", "{{.Created}}", name])).trim();
    const prefix = /^sandbox-test-[0-9a-f]+/.exec(name)?.[0];
    if (prefix && Date.parse(created) < hourAgo) await removeEngineObjects(prefix);
  }
}
