// Public addresses out of the twin's own loopback network: PREFIX.0.N for droplets, PREFIX.1.N for reserved ones.
import { unprocessable } from "../http/errors.ts";
import type { Account } from "../state.ts";
import type { Twin } from "../twin.ts";

const FIRST_HOST = 2;
const LAST_HOST = 254;

/** A new droplet gets another address than the one before it, like the original's. */
export const publicAddress = (twin: Twin): string =>
  nextAddress(twin, "publicHost", 0, (account) => account.droplets.map((droplet) => droplet.public_address));

export const reservedAddress = (twin: Twin): string =>
  nextAddress(twin, "reservedHost", 1, (account) => account.reserved_ips.map(({ ip }) => ip));

function nextAddress(
  twin: Twin,
  counter: "publicHost" | "reservedHost",
  network: 0 | 1,
  addresses: (account: Account) => string[],
): string {
  const { accounts, counters } = twin.state;
  const taken = new Set(Object.values(accounts).flatMap(addresses));
  for (let tries = FIRST_HOST; tries <= LAST_HOST; tries++) {
    counters[counter] = counters[counter] >= LAST_HOST ? FIRST_HOST : counters[counter] + 1;
    const address = `${twin.addressPrefix}.${network}.${counters[counter]}`;
    if (!taken.has(address)) return address;
  }
  throw unprocessable(
    `All addresses of ${twin.addressPrefix}.${network}.0/24 are taken: delete something first.`,
  );
}
