// Whether the client keeps anything of the calls that are over.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AtlasClient } from "../../../client/index.ts";
import { EMAIL, PASSWORD } from "../../unit/client/fixtures.ts";
import type { BenchServer } from "./start-server.ts";

export interface HeapGrowth {
  /** Bytes of the heap after a full collection. */
  readonly early: number;
  readonly late: number;
  /** Calls after which each was taken. */
  readonly earlyCalls: number;
  readonly lateCalls: number;
}

export async function heapGrowth(
  server: BenchServer,
  { earlyCalls = 10_000, lateCalls = 100_000, concurrency = 16 } = {},
): Promise<HeapGrowth> {
  await using client = new AtlasClient({
    baseUrl: server.url,
    email: EMAIL,
    password: PASSWORD,
    rateLimits: false,
  });
  let made = 0;
  const callUntil = async (limit: number) => {
    const caller = async () => {
      while (made < limit) {
        made++;
        await client.workOrders.get(1);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, caller));
  };
  await callUntil(earlyCalls);
  const early = heapAfterCollection();
  await callUntil(lateCalls);
  return { early, late: heapAfterCollection(), earlyCalls, lateCalls };
}

function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  // What a finaliser frees, the next collection takes.
  for (let time = 0; time < 3; time++) collect();
  return process.memoryUsage().heapUsed;
}
