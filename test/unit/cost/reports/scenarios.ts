// The reports that the golden files show.
import Big from "big.js";
import type { Alternative } from "../../../../components/cost/alternatives.ts";
import { judge } from "../../../../components/cost/budget.ts";
import type { Report } from "../../../../components/cost/reports/report.ts";
import { estimated, line, priced, usageLine } from "./estimates.ts";

const volume = priced("Volume", "atlas-data", [line("Volume", "0.10", { unit: "GiB", quantity: Big(20) })]);
const free = [
  priced("Firewall", "atlas"),
  priced("Project", "atlas"),
  priced("Tag", "atlas"),
  priced("Tag", "prod"),
];

const small = [
  priced("Droplet", "atlas", [line("Droplet s-2vcpu-4gb", "24"), line("Backups, weekly", "4.80")]),
  volume,
  ...free,
];
const large = [
  priced("Droplet", "atlas", [
    line("Droplet s-4vcpu-8gb", "48"),
    line("Backups, weekly", "9.60"),
    usageLine("Outbound transfer above the allowance", "GiB", "0.01", "250"),
  ]),
  priced("ReservedIp", "atlas", [line("Reserved IP", "5", { note: "nothing is assigned to it" })]),
  volume,
  priced("VolumeSnapshot", "before-upgrade", [usageLine("Snapshot", "GiB", "0.06")]),
  ...free,
];

const choices: Alternative[] = [
  {
    label: "Next size down (s-2vcpu-4gb)",
    monthly: Big("35.80"),
    how: "pulumi config set atlas:dropletSize s-2vcpu-4gb --stack prod",
    note: "2 vCPU instead of 4",
  },
  { label: "Backups off", monthly: Big("55") },
  { label: "Managed PostgreSQL besides (db-s-1vcpu-1gb, one node)", monthly: undefined },
];

/** A first deployment of which everything is known, within its budget. */
const first: Report = {
  name: "dev",
  estimate: estimated(small),
  verdict: judge(estimated(small), { monthly: Big(100), warnAt: 80 }),
  alternatives: [],
};

/** A larger droplet, over budget, against what is deployed. */
const larger: Report = {
  name: "prod",
  estimate: estimated(large),
  past: { name: "now deployed", estimate: estimated(small, "2026-07-01") },
  verdict: judge(estimated(large), { monthly: Big("40.50"), warnAt: 80 }, choices),
  alternatives: choices,
};

const unpriced = [
  priced("App", "landing", [line("App Platform", undefined, { note: "the price book has no price for it" })]),
  priced("Droplet", "gpu", [
    line("Droplet gpu-x9", undefined, { note: "no such size in the price book" }),
    line("Backups, weekly", "4.80"),
  ]),
  volume,
];

/** Prices that nobody knows, on an old book, and a resource that goes. */
const unknown: Report = {
  name: "preview.json",
  estimate: estimated(unpriced),
  past: {
    name: "main",
    estimate: estimated([...unpriced.slice(1), priced("Droplet", "old", [line("Droplet s-1vcpu-1gb", "6")])]),
  },
  verdict: judge(estimated(unpriced), { monthly: Big(50), warnAt: 80 }),
  alternatives: [],
  warnings: ["The price book is 150 days old; atlas:priceBookMaxAge is 120: npm run prices:check"],
};

const there = estimated([priced("Droplet", "droplet", [line("Droplet s-2vcpu-4gb", "24")])]);

/** All on this machine. */
const local: Report = {
  name: "local",
  estimate: estimated([
    priced("Container", "backend"),
    priced("Container", "postgres"),
    priced("Network", "data"),
  ]),
  alternatives: [],
  footprint: {
    memoryMiB: 2304,
    logMiB: 150,
    volumes: ["atlas-postgres", "atlas-storage"],
    elsewhere: { size: "s-2vcpu-4gb", volumeGiB: 10, backups: "weekly", estimate: there },
  },
};

const hostileName =
  "`a|b`\n# @octocat #1 <img src=x onerror=alert(1)> </details> ]]> &amp; \u001b[31m\u202e\ud800 **x** [y](z)";
const hostileLine = line(hostileName, "1.25", { quantity: Big(3), unit: hostileName, note: hostileName });

/** Names that want to be more than text. */
const hostile: Report = {
  name: hostileName,
  estimate: estimated([
    priced("Droplet", hostileName, [hostileLine, usageLine(hostileName, hostileName, "0.000005", "1000000")]),
    priced("App", hostileName, [line(hostileName, undefined, { note: hostileName })]),
    priced(hostileName, "free"),
  ]),
  past: { name: hostileName, estimate: estimated([]) },
  alternatives: [{ label: hostileName, monthly: Big(1), how: hostileName, note: hostileName }],
  footprint: { memoryMiB: 0, logMiB: 0, volumes: [hostileName], elsewhere: undefined },
  warnings: [hostileName],
};

export const scenarios: Record<string, Report> = { first, larger, unknown, local, hostile };
