// One act on a deployed stack's containers, the same on both hosts: operate.ts start|stop|restart|logs|shell [STACK] ...
import { parseArguments } from "./lib/arguments.ts";
import { confirm } from "./lib/confirm.ts";
import { chosen, type Deployed, deployed, start, stop } from "./lib/deployed.ts";
import { dockerThere } from "./lib/on-machine.ts";
import { main, Stop } from "./lib/process.ts";
import { halfRestored, stateOf } from "./lib/versions.ts";
import { lastWorld, requirePulumi } from "./lib/world.ts";

/** The container knows the password itself. */
const psql = 'PGPASSWORD="$POSTGRES_PASSWORD" exec psql -h 127.0.0.1 -U "$POSTGRES_USER" "$POSTGRES_DB"';

interface Asked {
  flags: Set<string>;
  words: string[];
}

const acts: Record<string, (running: Deployed, asked: Asked) => Promise<number>> = {
  start: async (running) => {
    await start(running);
    console.log("Atlas runs, and is healthy.");
    return 0;
  },
  stop: async (running, { flags }) => {
    await confirm(running.stack, "Atlas will not answer until scripts/start", flags.has("--yes"));
    await stop(running);
    console.log(`Stopped; containers and data are kept. Go on: scripts/start ${running.stack}`);
    return 0;
  },
  restart: async (running, { flags }) => {
    await confirm(running.stack, "Atlas will be away for half a minute", flags.has("--yes"));
    await stop(running);
    await start(running);
    console.log("Atlas runs, and is healthy.");
    return 0;
  },
  logs,
  shell,
};

const opens = ["start", "restart"];

await main(async () => {
  const [act = "", ...argv] = process.argv.slice(2);
  const run = acts[act];
  if (!run) throw new Stop(`${act}: none of ${Object.keys(acts).join(", ")}.`);
  const { stack, world: asked, flags, rest } = parseArguments(argv, ["--yes", "--follow"]);
  const world = await lastWorld(stack, asked);
  requirePulumi(world);
  const running = deployed(world, stack);
  const restoring = opens.includes(act) && (await stateOf(world, stack))?.restoring;
  if (restoring) throw new Stop(halfRestored(stack, restoring));
  return run(running, { flags, words: rest });
});

async function logs(running: Deployed, { flags, words }: Asked): Promise<number> {
  const at = words.indexOf("--tail");
  const lines = at < 0 ? "100" : (words[at + 1] ?? "");
  if (!/^(\d+|all)$/.test(lines)) throw new Stop(`--tail ${lines}: a number of lines, or all.`);
  const names = at < 0 ? words : words.toSpliced(at, 2);
  const services = chosen(running, names);
  const following = flags.has("--follow");
  if (following && services.length !== 1)
    throw new Stop(`--follow needs one service of ${services.map(({ name }) => name).join(", ")}.`);
  for (const { name, container } of services) {
    if (services.length > 1) console.log(`\n=== ${name}`);
    const how = ["--timestamps", "--tail", lines, ...(following ? ["--follow"] : [])];
    const code = await dockerThere(running.engine, ["logs", ...how, container]);
    if (code !== 0) return code;
  }
  return 0;
}

function shell(running: Deployed, { words }: Asked): Promise<number> {
  const [{ name, container } = { name: "", container: "" }] = chosen(
    running,
    words.length > 0 ? words : ["backend"],
  );
  const command = ["sh", ...(name === "postgres" ? ["-c", psql] : [])];
  return dockerThere(running.engine, ["exec", process.stdin.isTTY ? "-it" : "-i", container, ...command]);
}
