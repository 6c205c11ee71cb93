import type Docker from "dockerode";
import { isSame } from "../../bridge/diff.ts";
import { MadeButFailed, type Props, type ResourceDefinition } from "../../bridge/schema.ts";
import { isSet } from "../../bridge/values.ts";
import { pause } from "../../bridge/waiting.ts";
import { calling, isMissing, lookUp, messageOf } from "../engine.ts";
import { findImage } from "../images.ts";
import { amount, flag, objects, text } from "../props.ts";
import { containerBody, UPDATED_BY_ENGINE, updateBody } from "./render.ts";
import { renderEndpoint } from "./render-parts.ts";
import { containerInputs, containerOutputs } from "./schema.ts";
import { createdState, importedState, refreshedState } from "./state.ts";
import { uploadArchive } from "./uploads.ts";
import { logsAtExit, waitForHealth } from "./watch.ts";

/** A container that exits at once has done so by then, and its state says it. */
const SETTLE = 100;

export const container: ResourceDefinition<Docker> = {
  schemaVersion: 2,
  deleteBeforeReplace: true,
  inputs: containerInputs,
  outputs: containerOutputs,

  async create({ client, signal }, inputs) {
    const made = await makeContainer(client, inputs);
    try {
      await joinNetworks(client, made, inputs);
      await uploadFiles(made, inputs);
      if (flag(inputs.start)) await startContainer(made, inputs, signal);
      const containerLogs = flag(inputs.attach) ? await logsAtExit(made, flag(inputs.logs)) : null;
      await pause(SETTLE, signal);
      return { id: made.id, state: await stateAfter(made, { ...inputs, containerLogs }) };
    } catch (cause) {
      throw new MadeButFailed({ id: made.id, state: await stateAfterFailure(made, inputs) }, cause);
    }
  },

  async read({ client }, id, known) {
    const found = await lookUp(() => client.getContainer(id).inspect());
    if (found === undefined) return undefined;
    return { id: found.Id, state: known ? refreshedState(found, known) : importedState(found) };
  },

  async update({ client, signal }, id, old, inputs) {
    const target = client.getContainer(id);
    const changed = (key: string) => !isSameInput(key, old, inputs);
    const isUpdated = UPDATED_BY_ENGINE.some(changed);
    const isStarted = changed("mustRun") && flag(inputs.mustRun);
    // All else (health check, wait, flags) is the state's alone: the original does not touch the container either.
    if (!isUpdated && !isStarted) return inputs;

    if (isUpdated) await calling("Unable to update a container", () => target.update(updateBody(inputs)));
    if (isStarted) await startAgain(target);
    await pause(SETTLE, signal);
    return stateAfter(target, inputs);
  },

  async delete({ client }, id, state) {
    const target = client.getContainer(id);
    const timeout = amount(state.destroyGraceSeconds);
    if (!flag(state.attach))
      await unlessGone(`Error stopping container ${id}`, () => target.stop({ t: timeout }));
    await unlessGone(`Error deleting container ${id}`, () =>
      target.remove({ v: flag(state.removeVolumes), force: true }),
    );
    // With `rm` the engine may still be removing it, and its name would not be free for what replaces it.
    await unlessGone(`Error waiting for container removal '${id}'`, () =>
      target.wait({ condition: "removed" }),
    );
  },
};

async function makeContainer(client: Docker, inputs: Props): Promise<Docker.Container> {
  const image = text(inputs.image);
  await calling(`Unable to create container with image ${image}`, () =>
    findImage(client, image, text(inputs.platform)),
  );
  await refuseVolumeOptions(client, inputs);
  const body = containerBody(inputs);
  return calling("Unable to create container", () => client.createContainer(body));
}

/** The original always sends a subpath along, which only engines of API 1.45 take. */
async function refuseVolumeOptions(client: Docker, inputs: Props): Promise<void> {
  if (!objects(inputs.mounts).some((mount) => isSet(mount.volumeOptions))) return;
  const { ApiVersion } = await client.version();
  const [major = 0, minor = 0] = ApiVersion.split(".").map(Number);
  if (major < 1 || (major === 1 && minor < 45))
    throw new Error("Setting VolumeOptions.Subpath requires docker version 1.45 or higher");
}

async function joinNetworks(client: Docker, made: Docker.Container, inputs: Props): Promise<void> {
  const networks = objects(inputs.networksAdvanced);
  if (networks.length === 0) return;
  try {
    await client.getNetwork("bridge").disconnect({ Container: made.id });
  } catch (cause) {
    if (!messageOf(cause).includes("is not connected to"))
      throw new Error(`Unable to disconnect the default network: ${messageOf(cause)}`, { cause });
  }
  for (const network of networks) {
    const name = text(network.name);
    await calling(`Unable to connect to network '${name}'`, () =>
      client.getNetwork(name).connect({ Container: made.id, EndpointConfig: renderEndpoint(network) }),
    );
  }
}

async function uploadFiles(made: Docker.Container, inputs: Props): Promise<void> {
  for (const upload of objects(inputs.uploads)) {
    const archive = await uploadArchive(upload);
    await calling("Unable to upload volume content", () => made.putArchive(archive, { path: "/" }));
  }
}

async function startContainer(made: Docker.Container, inputs: Props, signal: AbortSignal): Promise<void> {
  await calling("Unable to start container", () => made.start());
  if (flag(inputs.wait)) await waitForHealth(made, amount(inputs.waitTimeout), signal);
}

/** Whoever started it in between has done the work. */
async function startAgain(target: Docker.Container): Promise<void> {
  try {
    await target.start();
  } catch (cause) {
    if (cause instanceof Error && "statusCode" in cause && cause.statusCode === 304) return;
    throw new Error(`Unable to start container: ${messageOf(cause)}`, { cause });
  }
}

/** A container with `rm` may be gone by now: then what was asked for is all there is to say. */
async function stateAfter(made: Docker.Container, inputs: Props): Promise<Props> {
  const found = await lookUp(() => made.inspect());
  return found === undefined ? inputs : createdState(found, inputs);
}

/** The failure itself is what gets told; when the engine is not there to ask, the container must still be known. */
async function stateAfterFailure(made: Docker.Container, inputs: Props): Promise<Props> {
  const [seen] = await Promise.allSettled([stateAfter(made, inputs)]);
  return seen.status === "fulfilled" ? seen.value : inputs;
}

/** Stopping what is stopped (304) and removing what is gone (404) or going (409) is no failure. */
async function unlessGone(what: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (cause) {
    if (isMissing(cause) || messageOf(cause).includes("is already in progress")) return;
    if (cause instanceof Error && "statusCode" in cause && cause.statusCode === 304) return;
    throw new Error(`${what}: ${messageOf(cause)}`, { cause });
  }
}

function isSameInput(key: string, old: Props, inputs: Props): boolean {
  const spec = containerInputs[key];
  return spec === undefined || isSame(spec, old[key], inputs[key]);
}
