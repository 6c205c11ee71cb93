import type Docker from "dockerode";
import { pause } from "../../bridge/waiting.ts";
import { calling } from "../engine.ts";

const LOOK_EVERY = 1_000;

/** Waits the whole time also for a container that has already failed: the original does not look at more. */
export async function waitForHealth(
  made: Docker.Container,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const { State: state } = await calling("error inspecting container state", () => made.inspect());
    if (!state.Health)
      throw new Error(
        "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. " +
          "Please remove the 'wait' argument or add a 'healthcheck' attribute",
      );
    if (state.Health.Status === "healthy") return;
    const left = deadline - Date.now();
    if (left <= 0) throw new Error("container failed to be in healthy state");
    await pause(Math.min(LOOK_EVERY, left), signal);
  }
}

/** Waits for the container's end; its logs, if they are asked for. */
export async function logsAtExit(made: Docker.Container, wanted: boolean): Promise<string | null> {
  await calling("Unable to wait container end of execution", () => made.wait());
  if (!wanted) return null;
  const { Config: config } = await made.inspect();
  const raw = await made.logs({ stdout: true, stderr: true, follow: false });
  return config.Tty ? raw.toString() : unframed(raw);
}

/** Without a terminal the engine frames each piece: one byte of stream, three of nothing, four of length. */
export function unframed(raw: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(pieces).toString();
}
