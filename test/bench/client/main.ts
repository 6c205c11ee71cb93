// The benchmark of the client: ratios measured in one run, medians of interleaved rounds.
import { main, Stop } from "../../../scripts/lib/process.ts";
import { validate } from "../../../scripts/lib/validate.ts";
import { isValid } from "../../../scripts/lib/validate-report.ts";
import { EMAIL, PASSWORD } from "../../unit/client/fixtures.ts";
import { rounded } from "../numbers.ts";
import { callsText, measureCalls, type Rounds, ratioTo } from "./calls.ts";
import { contenders } from "./contenders.ts";
import { heapGrowth } from "./memory.ts";
import { sessionCosts } from "./sessions.ts";
import { type BenchServer, startServer } from "./start-server.ts";

/**
 * The ratios are those of sixteen calls at a time, for which each contender may open sixteen connections: then what counts
 * is the work that a call makes. One at a time, most of it is the wait for the server, the same for all.
 */
const shape: Rounds = { rounds: 21, calls: 800, concurrency: 16 };
const oneAtATime: Rounds = { ...shape, calls: 200, concurrency: 1 };

await main(async () => {
  if (process.argv.length > 2) throw new Stop("Usage: scripts/bench client");
  await using server = await startServer();
  const all = contenders(server.url, PASSWORD, await accessToken(server), shape.concurrency);
  const sequential = await measureCalls(all, oneAtATime);
  console.log(`${callsText(sequential, oneAtATime)}\n`);
  const times = await measureCalls(all, shape);
  console.log(`${callsText(times, shape)}\n`);
  await Promise.all(all.map(({ close }) => close()));

  const session = await sessionCosts(server);
  console.log(
    `Sign-ins per 1000 calls: ${session.signInsPer1000}. Signing in costs ${session.eachTime.toFixed(0)} ms each time, ` +
      `with the client ${session.withClient.toFixed(3)} ms a call: ${session.saved.toFixed(2)} % saved`,
  );
  console.log(`Connections of a whole validation, ten steps: ${await connectionsOfValidation(server)}`);
  const heap = await heapGrowth(server);
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
  console.log(
    `Heap after ${heap.earlyCalls} calls ${mebibytes(heap.early)}, after ${heap.lateCalls} calls ${mebibytes(heap.late)}`,
  );
  console.log(
    `\n${JSON.stringify({
      vsUndici: rounded(ratioTo(times, "undici")),
      vsFetch: rounded(ratioTo(times, "fetch")),
      vsAxios: rounded(ratioTo(times, "axios")),
      signInsPer1000: session.signInsPer1000,
      authOverheadSaved: rounded(session.saved),
    })}`,
  );
  return 0;
});

async function accessToken({ url }: BenchServer): Promise<string> {
  const answer = await fetch(`${url}/auth/signin`, {
    method: "POST",
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  const { accessToken } = (await answer.json()) as { accessToken: string };
  return accessToken;
}

async function connectionsOfValidation(server: BenchServer): Promise<number> {
  await server.counts();
  const report = await validate(
    { baseUrl: server.url, email: EMAIL, password: PASSWORD },
    new AbortController().signal,
  );
  if (!isValid(report)) throw new Error(`the validation failed: ${JSON.stringify(report.steps)}`);
  return (await server.counts()).connections;
}
