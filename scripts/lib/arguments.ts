import { Stop } from "./process.ts";
import type { WorldName } from "./world.ts";

export interface Arguments {
  stack: string;
  world: WorldName | undefined;
  /** Flags of the script's own that were given. */
  flags: Set<string>;
  /** Everything else, for Pulumi. */
  rest: string[];
}

/**
 * Reads `[STACK] [--sandbox|--online] [own flags] [anything for Pulumi]`.
 * @param own flags that belong to the script, such as `--delete-data`
 */
export function parseArguments(argv: string[], own: string[] = []): Arguments {
  const stack = argv[0] && !argv[0].startsWith("-") ? argv[0] : undefined;
  const others = stack ? argv.slice(1) : argv;
  if (others.includes("--sandbox") && others.includes("--online"))
    throw new Stop("--sandbox and --online exclude each other.");
  const worlds = ["--sandbox", "--online"];
  return {
    stack: stack ?? process.env.PULUMI_STACK ?? "dev",
    world: others.includes("--sandbox") ? "sandbox" : others.includes("--online") ? "online" : undefined,
    flags: new Set(others.filter((argument) => own.includes(argument))),
    rest: others.filter((argument) => !own.includes(argument) && !worlds.includes(argument)),
  };
}
