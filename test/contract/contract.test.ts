// One file for all parts, so that they share one client, one allowance of requests and one sweep at the end.
// A part alone: scripts/test contract -t "work orders"
import { afterAll, expect } from "vitest";
import { client, isOurs, MARK, traffic } from "./atlas.ts";
import "./session.ts";
import "./work-orders.ts";
import "./assets.ts";
import "./locations.ts";
import "./teams.ts";
import "./categories.ts";
import "./files.ts";
import "./users.ts";
import { sweep } from "./sweep.ts";

/** Of the 1,000 and 80 requests that Atlas allows an hour (atlas-api 6): four runs fit into one. */
const BUDGET = { signedIn: 240, anonymous: 20 };

afterAll(async () => {
  try {
    await sweep(client, MARK, isOurs);
  } finally {
    await client.close();
    await traffic.close();
  }
  const sent = { signedIn: traffic.total("signedIn"), anonymous: traffic.total("anonymous") };
  console.log(`The suite sent ${sent.signedIn} requests with a session and ${sent.anonymous} without.`);
  expect(sent.signedIn).toBeLessThanOrEqual(BUDGET.signedIn);
  expect(sent.anonymous).toBeLessThanOrEqual(BUDGET.anonymous);
}, 180_000);
