import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { isOutside, scriptOf } from "../../e2e/droplet/chaos/on-machine.ts";
import { type Fault, pairs, plan } from "../../e2e/droplet/chaos/plan.ts";

const container = (service: string) => `atlas-${service}`;
const onMachine = plan(1, pairs.length).filter(({ kind }) => !isOutside(kind));

test("the provider does what cuts the machine itself off, the machine all else", () => {
  const outside = plan(1, pairs.length).filter(({ kind }) => isOutside(kind));
  expect(outside.map(({ kind }) => kind).toSorted()).toEqual(["power cycle", "reboot"]);
  expect(() => scriptOf(outside[0] as Fault, container)).toThrow("nothing that a machine does to itself");
});

describe.each(onMachine)("$kind of $target", (fault) => {
  const script = scriptOf(fault, container);

  test("is whole shell", () => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  test("ends by itself after its time, whoever has gone", () => {
    expect(script).toContain("trap '' HUP PIPE");
    expect(/^sleep (\d+)$|-ge (\d+) /m.exec(script)?.slice(1).join("") ?? "0").toBe(String(fault.seconds));
  });
});
