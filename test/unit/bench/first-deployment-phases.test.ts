import { expect, test } from "vitest";
import { type Evidence, phasesOfFirstDeployment } from "../../bench/droplet/first-deployment-phases.ts";
import type { Step } from "../../bench/phases.ts";

const made = (type: string, name: string, begin: number, end: number): Step[] => [
  { kind: "begin", type, name, at: begin },
  { kind: "end", type, name, at: end },
];

/** A deployment of 100 seconds that begins at 1000. */
const evidence: Evidence = {
  begin: 1000,
  end: 1100,
  steps: [
    ...made("pulumi-nodejs:dynamic/atlas:GeneratedSecret", "key", 1001, 1002),
    ...made("digitalocean:index/dnsRecord:DnsRecord", "dns", 1003, 1014),
    ...made("digitalocean:index/vpc:Vpc", "vpc", 1004, 1006),
    ...made("digitalocean:index/droplet:Droplet", "droplet", 1006, 1010),
    ...made("digitalocean:index/volumeAttachment:VolumeAttachment", "attachment", 1011, 1012),
    ...made("pulumi-nodejs:dynamic/atlas:Machine", "machine", 1012, 1042),
    ...made("command:remote:Command", "release", 1043, 1078),
    ...made("pulumi-nodejs:dynamic/atlas:Bootstrap", "bootstrap", 1078, 1086),
    ...made("pulumi-nodejs:dynamic/atlas:Smoke", "smoke", 1086, 1097),
  ],
  machine: {
    booted: 1008,
    lastStage: 1020,
    packages: { begin: 1020, end: 1035 },
    script: { begin: 1035, end: 1038 },
    pulled: { begin: 1045, end: 1055 },
    networksMade: 1055,
    released: { started: 1060, healthy: 1076 },
    backend: { started: 1060, ready: 1074, migrations: { begin: 1065, end: 1070 } },
    setUp: { begin: 1079, end: 1082 },
    proxy: { begin: 1083, end: 1088 },
  },
  smoke: { begin: 1087, end: 1096 },
};

test("what is needed covers its time once; what nothing waits for is not needed", () => {
  const { needed, total, overhead, overheadShare } = phasesOfFirstDeployment(evidence);
  expect(needed.find(({ name }) => name === "API")).toEqual({ name: "API", begin: 1004, end: 1012 });
  expect(needed.find(({ name }) => name === "boot")).toEqual({ name: "boot", begin: 1008, end: 1020 });
  // 4..35, 45..74, 83..96
  expect(total).toBe(100);
  expect(overhead).toBe(100 - 31 - 29 - 13);
  expect(overheadShare).toBeCloseTo(27 / 73);
});

test("our own parts are what no needed time covers, and make up the overhead", () => {
  const { ours, overhead } = phasesOfFirstDeployment(evidence);
  expect(Object.fromEntries(ours.map(({ name, milliseconds }) => [name, milliseconds]))).toEqual({
    "engine and program": 3,
    "first-boot script": 3,
    "machine handed over": 4,
    "release sent": 3,
    "probes of the containers": 2,
    "end of the release": 2,
    bootstrap: 5,
    "- of it requests to Atlas": 3,
    "end of the engine": 4,
    "in between": 1,
  });
  const parts = ours.filter(({ name }) => !name.startsWith("-"));
  expect(parts.reduce((sum, { milliseconds }) => sum + milliseconds, 0)).toBe(overhead);
});

test("an engine that does not tell of the release is an error, not a zero", () => {
  const steps = evidence.steps.filter(({ name }) => name !== "release");
  expect(() => phasesOfFirstDeployment({ ...evidence, steps })).toThrow(/no Command/);
});
