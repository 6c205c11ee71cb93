// What signing in costs: the client's one session against signing in for each call. Sign-in takes its real time (bcrypt of
// cost 12, as Atlas does).
import { AtlasClient } from "../../../client/index.ts";
import { EMAIL, PASSWORD } from "../../unit/client/fixtures.ts";
import { median } from "../numbers.ts";
import type { BenchServer } from "./start-server.ts";

export interface SessionCosts {
  readonly signInsPer1000: number;
  /** Milliseconds of signing in, per call. */
  readonly withClient: number;
  readonly eachTime: number;
  /** Percent. */
  readonly saved: number;
}

const CALLS = 1000;
const SIGN_INS = 10;

export async function sessionCosts(server: BenchServer): Promise<SessionCosts> {
  const options = { baseUrl: server.url, email: EMAIL, password: PASSWORD, rateLimits: false } as const;
  let spent = 0;
  await server.counts();
  await using client = new AtlasClient({
    ...options,
    observe: async ({ name }, run) => {
      const started = performance.now();
      const result = await run();
      if (name.startsWith("session.")) spent += performance.now() - started;
      return result;
    },
  });
  for (let call = 0; call < CALLS; call++) await client.workOrders.get(1);
  const { signIns } = await server.counts();
  const withClient = spent / CALLS;

  const each: number[] = [];
  for (let run = 0; run < SIGN_INS; run++) {
    client.forgetSession();
    const started = performance.now();
    await client.signIn();
    each.push(performance.now() - started);
  }
  const eachTime = median(each);
  return {
    signInsPer1000: (signIns * 1000) / CALLS,
    withClient,
    eachTime,
    saved: 100 * (1 - withClient / eachTime),
  };
}
