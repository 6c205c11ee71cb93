import { expect, test } from "vitest";
import { backendBoot, machineRecord } from "../../bench/droplet/machine-record.ts";

const day = "2026-11-21T13:59:";
const ms = (seconds: string) => Date.parse(`${day}${seconds}Z`);
const line = (seconds: string, text: string) => `${day}${seconds}000000Z 2026 INFO : ${text}`;
const migrating = [
  line("38.814", "Starting ApiApplication v1"),
  line("41.345", "Running Changeset: 1"),
  line("44.140", "Running Changeset: 2"),
  line("44.242", "Successfully released change log lock"),
  line("44.706", "Started ApiApplication in 5.893 seconds"),
].join("\n");
const event = (Action: string, name: string, seconds: string, execID?: string) =>
  JSON.stringify({ Action, Actor: { Attributes: { name, execID } }, timeNano: ms(seconds) * 1e6 });
const relay = "exec_start: bash -c exec 3<> /dev/tcp/127.0.0.1/8080 || exit 1; cat <&3 & cat <&0 >&3";
const cloudInit = [
  ["modules-final", "start", 1],
  ["modules-final/config-package-update-upgrade-install", "start", 2],
  ["modules-final/config-package-update-upgrade-install", "finish", 16],
  ["modules-final/config-scripts-user", "start", 16.5],
  ["modules-final/config-scripts-user", "finish", 17],
  ["modules-final", "finish", 18],
].map(([name, event_type, timestamp]) => ({ name, event_type, timestamp }));

/** First match wins. */
const machine =
  (answers: [RegExp, string][]) =>
  async (command: string): Promise<string> => {
    const found = answers.find(([pattern]) => pattern.test(command));
    if (!found) throw new Error(`not expected: ${command}`);
    return found[1];
  };
const answers: [RegExp, string][] = [
  [
    /docker events/,
    [
      event("pull", "a", "30.5"),
      event("pull", "b", "36.25"),
      event("health_status: healthy", "p-postgres", "39.5"),
      event("health_status: healthy", "p-backend", "45.25"),
      event("exec_start: /bin/sh -c probe", "p-backend", "46", "probe"),
      event(relay, "p-backend", "46.5", "one"),
      event(relay, "p-backend", "47.25", "two"),
      event("exec_die", "p-backend", "47", "one"),
      event("exec_die", "p-backend", "48.25", "two"),
      event("health_status: healthy", "p-ingress", "50.5"),
      event(relay, "p-backend", "51", "smoke"),
      event("exec_die", "p-backend", "52", "smoke"),
      event("exec_die", "p-backend", "53", "probe"),
      event("health_status: healthy", "p-postgres", "55"),
    ].join("\n"),
  ],
  [/cloud-init analyze/, JSON.stringify(cloudInit)],
  [/busctl/, "t 1795269542186066"],
  [/^stat/, "1795269559.606"],
  [/network/, `"${day}36.535547127Z"\n"${day}36.456550268Z"`],
  [/StartedAt.*p-backend/, `${day}37.536838292Z`],
  [/StartedAt/, `${day}37.461217365Z`],
  [/Created.*p-ingress/, `${day}48.464419356Z`],
  [/logs.*p-ingress/, line("49.377", "certificate obtained successfully")],
  [/logs.*p-backend/, migrating],
];

test("the record holds the times that the machine tells, to the millisecond", async () => {
  expect(await machineRecord(machine(answers), "p")).toEqual({
    booted: 1795269542186.066,
    lastStage: 1000,
    packages: { begin: 2000, end: 16000 },
    script: { begin: 16500, end: 17000 },
    pulled: { begin: 1795269559606, end: ms("36.250") },
    networksMade: ms("36.456"),
    released: { started: ms("37.536"), healthy: ms("45.250") },
    backend: {
      started: ms("37.536"),
      ready: ms("44.706"),
      migrations: { begin: ms("41.345"), end: ms("44.242") },
    },
    setUp: { begin: ms("46.500"), end: ms("48.250") },
    proxy: { begin: ms("48.464"), end: ms("49.377") },
  });
});

test("a start without migrations has none", async () => {
  const log = migrating
    .split("\n")
    .filter((text) => !text.includes("Changeset"))
    .join("\n");
  const { ready, migrations } = await backendBoot(machine([[/logs/, log], ...answers]), "p-backend");
  expect(migrations).toEqual({ begin: ready, end: ready });
});

test("what the machine has forgotten is an error", async () => {
  await expect(machineRecord(machine([[/docker events/, ""], ...answers]), "p")).rejects.toThrow(
    /remembers no image pulled/,
  );
  await expect(backendBoot(machine([[/logs/, "booting"], ...answers]), "p-backend")).rejects.toThrow(
    /Started ApiApplication in.*\nbooting/,
  );
});
