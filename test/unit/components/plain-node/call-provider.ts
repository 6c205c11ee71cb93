// Run by plain Node, as the engine's plugin for dynamic resources does: evaluates a provider's text and calls it.
// Reads {text, calls} from standard input, prints one outcome for each call.
import { createRequire } from "node:module";
import { text as readAll } from "node:stream/consumers";

interface Provider {
  create(inputs: unknown): Promise<unknown>;
  update(id: string, olds: unknown, news: unknown): Promise<unknown>;
}

const pulumi = createRequire(import.meta.resolve("@pulumi/pulumi"));
const requireFromString: (text: string) => { handler(): Provider } = pulumi("require-from-string");

const { text, calls } = JSON.parse(await readAll(process.stdin)) as {
  text: string;
  calls: { news: unknown; olds?: unknown }[];
};
const provider = requireFromString(text).handler();
const outcomes = [];
for (const { news, olds } of calls) {
  const call = olds === undefined ? provider.create(news) : provider.update("id", olds, news);
  outcomes.push(
    await call.then(
      (result) => ({ result }),
      (error: Error) => ({ error: error.message }),
    ),
  );
}
process.stdout.write(JSON.stringify(outcomes));
