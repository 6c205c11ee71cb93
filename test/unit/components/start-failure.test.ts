import { expect, test } from "vitest";
import { failureOf } from "../../../components/hosts/await-start.ts";
import type { ContainerState } from "../../../components/hosts/containers.ts";

const state = (changes: Partial<ContainerState> = {}): ContainerState => ({
  name: "atlas-dev-backend",
  image: "atlas:v1",
  status: "running",
  exitCode: 0,
  restarts: 0,
  health: "starting",
  memoryMiB: 1536,
  ...changes,
});

test.each<[string, ContainerState, ContainerState | undefined]>([
  ["it runs", state(), state()],
  ["it runs, unhealthy as it still is", state({ health: "unhealthy" }), state()],
  ["it is about to start", state({ status: "created" }), undefined],
  ["it has crashed once or twice", state({ status: "restarting", restarts: 2, exitCode: 1 }), state()],
  ["it has crashed often, but before this", state({ restarts: 9 }), state({ restarts: 8 })],
])("there is hope while %s", (_, now, before) => {
  expect(failureOf(now, before)).toBeUndefined();
});

test.each<[string, ContainerState, ContainerState | undefined, string]>([
  [
    "it is gone",
    state({ status: "missing" }),
    state(),
    "container atlas-dev-backend does not exist; pulumi up --refresh makes it again",
  ],
  [
    "it has stopped",
    state({ status: "exited", exitCode: 137 }),
    state(),
    "container atlas-dev-backend has stopped with exit code 137; pulumi up --refresh starts it again",
  ],
  [
    "it is dead",
    state({ status: "dead", exitCode: 1 }),
    undefined,
    "container atlas-dev-backend has stopped with exit code 1; pulumi up --refresh starts it again",
  ],
  [
    "it crashes again and again",
    state({ status: "restarting", restarts: 7, exitCode: 3 }),
    state({ restarts: 4 }),
    "container atlas-dev-backend has crashed 3 times, last with exit code 3",
  ],
  [
    "it crashes again and again since it is there",
    state({ restarts: 3, exitCode: 1 }),
    undefined,
    "container atlas-dev-backend has crashed 3 times, last with exit code 1",
  ],
])("there is none when %s", (_, now, before, text) => {
  expect(failureOf(now, before)).toBe(text);
});
