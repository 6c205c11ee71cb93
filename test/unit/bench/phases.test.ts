import { expect, test } from "vitest";
import { phasesOf, type Step, stepOf } from "../../bench/phases.ts";

const step = (kind: Step["kind"], type: string, name: string, at: number): Step => ({ kind, type, name, at });
const container = "docker:index/container:Container";

test("an event of the engine becomes a step", () => {
  const metadata = {
    urn: `urn:pulumi:s::p::atlas:hosts:DockerHost$${container}::host-ingress`,
    type: container,
  };
  expect(stepOf(JSON.stringify({ resourcePreEvent: { metadata } }), 5)).toEqual(
    step("begin", container, "host-ingress", 5),
  );
  expect(stepOf(JSON.stringify({ resOutputsEvent: { metadata } }), 6)?.kind).toBe("end");
  expect(stepOf(JSON.stringify({ summaryEvent: {} }), 7)).toBeUndefined();
  expect(stepOf("error: not an event", 8)).toBeUndefined();
});

test("phases last from their first beginning to their last end, and cover the whole run", () => {
  const steps = [
    step("begin", "atlas:index:AtlasDeployment", "atlas", 90),
    step("begin", container, "host-postgres", 100),
    step("begin", container, "host-backend", 120),
    step("end", container, "host-postgres", 150),
    step("end", container, "host-backend", 180),
    step("begin", container, "host-ingress", 300),
    step("end", container, "host-ingress", 340),
    step("begin", "pulumi-nodejs:dynamic/atlas:Smoke", "atlas-smoke", 350),
    step("end", "pulumi-nodejs:dynamic/atlas:Smoke", "atlas-smoke", 400),
  ];
  expect(phasesOf(steps, 420)).toEqual([
    { name: "engine and program", begin: 0, end: 100 },
    { name: "containers", begin: 100, end: 180 },
    { name: "public door", begin: 300, end: 340 },
    { name: "smoke", begin: 350, end: 400 },
    { name: "end of the engine", begin: 400, end: 420 },
  ]);
});
