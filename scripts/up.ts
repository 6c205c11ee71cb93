import Big from "big.js";
import { money } from "../components/cost/money.ts";
import type { CostOutput } from "../components/cost/output.ts";
import { containerStates } from "../components/hosts/containers.ts";
import { type SmokeReport, table } from "../components/smoke/report.ts";
import { parseArguments } from "./lib/arguments.ts";
import { asksFirst } from "./lib/confirm.ts";
import { main, Stop } from "./lib/process.ts";
import { outputs, pulumi, replaceDroplet, selectStack, smokeInputs } from "./lib/stack.ts";
import { enterWorld } from "./lib/world.ts";

await main(async () => {
  const {
    stack,
    world: asked,
    flags,
    rest,
  } = parseArguments(process.argv.slice(2), ["--replace-droplet", "--yes"]);
  const world = await enterWorld(stack, asked);
  await selectStack(world, stack);
  const replacing = flags.has("--replace-droplet") ? replaceDroplet(world, stack) : [];
  const args = [
    "up",
    "--stack",
    stack,
    // Pulumi shows what it will do, and asks.
    ...(asksFirst(stack, flags.has("--yes")) ? [] : ["--yes", "--skip-preview"]),
    "--suppress-outputs",
    ...replacing,
    ...rest,
  ];
  const code = await pulumi(world, args);
  if (code !== 0) return code;

  const { url, adminEmail, smoke, cost } = outputs(world, stack) as {
    url: string;
    adminEmail: string;
    smoke: SmokeReport;
    cost: CostOutput;
  };
  console.log(`
Smoke checks of ${smoke.time}:
${table(smoke)}

Atlas runs at   ${url}
Administrator   ${adminEmail}
Password        scripts/pulumi stack output adminPassword --show-secrets --stack ${stack}
Costs           ${money(Big(cost.monthly), cost.currency)} a month   scripts/cost ${stack}
Stop it         scripts/down ${stack}   (keeps the data)`);

  // An up compares with what it wrote down, not with what runs.
  const { containers, engine } = smokeInputs(world, stack);
  const states = await containerStates(Object.values(containers), { host: engine }).catch((error: Error) => {
    throw new Stop(
      `But what runs cannot be looked at: ${error.message}\nBring it back: scripts/up ${stack} --refresh`,
    );
  });
  const down = states
    .filter(({ status }) => status !== "running")
    .map(({ name, status }) => `${name} is ${status}`);
  if (down.length === 0) return 0;
  throw new Stop(`But ${down.join(", ")}. Bring it back: scripts/up ${stack} --refresh`);
});
