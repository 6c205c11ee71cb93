import { AtlasConfigError, optionsFromEnv } from "../client/index.ts";
import { publicWay } from "../components/smoke/public-way.ts";
import { type Arguments, parseArguments } from "./lib/arguments.ts";
import { main, Stop } from "./lib/process.ts";
import { smokeInputs } from "./lib/stack.ts";
import { type ClientOptions, validate } from "./lib/validate.ts";
import { configurationText, isValid, stepText, summaryText } from "./lib/validate-report.ts";
import { lastWorld, requirePulumi } from "./lib/world.ts";

const usage =
  "Usage: scripts/validate [STACK] [--json] [--sandbox|--online], or scripts/validate --base-url URL [--json] with " +
  "ATLAS_EMAIL and ATLAS_PASSWORD set";

await main(async () => {
  const argv = process.argv.slice(2);
  const given = parseArguments(argv, ["--json"]);
  const { flags, rest } = given;
  const baseUrl = rest[0] === "--base-url" ? rest[1] : undefined;
  const stackIsNamed = (argv[0] !== undefined && !argv[0].startsWith("-")) || given.world !== undefined;
  if (rest.length > (baseUrl ? 2 : 0) || (baseUrl && stackIsNamed)) throw new Stop(usage);

  const byAddress = !stackIsNamed && (baseUrl !== undefined || Boolean(process.env.ATLAS_BASE_URL));
  await using target = byAddress ? anyAtlas(baseUrl) : await deployedStack(given);
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

  const asJson = flags.has("--json");
  const report = await validate(target.options, stop.signal, {
    onStart: (client) => asJson || console.log(`${configurationText(client.describe())}\n`),
    onStep: (result, number, total) => asJson || console.log(stepText(result, number, total)),
  });
  console.log(asJson ? JSON.stringify(report, null, 2) : `\n${summaryText(report)}`);
  return isValid(report) ? 0 : 1;
});

interface Target extends AsyncDisposable {
  readonly options: ClientOptions;
}

/** The Atlas that the environment names. */
function anyAtlas(baseUrl: string | undefined): Target {
  try {
    const options = optionsFromEnv({ ...process.env, ...(baseUrl && { ATLAS_BASE_URL: baseUrl }) });
    return { options, [Symbol.asyncDispose]: async () => {} };
  } catch (error) {
    if (error instanceof AtlasConfigError) throw new Stop(`${error.message}\n${usage}`);
    throw error;
  }
}

/** A stack's Atlas, with the address and credentials that its own checks use. */
async function deployedStack({ stack, world: asked }: Arguments): Promise<Target> {
  const world = await lastWorld(stack, asked);
  requirePulumi(world);
  const inputs = smokeInputs(world, stack);
  const way = publicWay(inputs);
  return {
    options: {
      baseUrl: inputs.apiUrl,
      email: inputs.adminEmail,
      password: inputs.adminPassword,
      ...(way.dispatcher && { dispatcher: way.dispatcher }),
    },
    [Symbol.asyncDispose]: () => way[Symbol.asyncDispose](),
  };
}
