// What runs is what was planned, not what somebody has started by hand since.
import { containerStates } from "../hosts/containers.ts";
import type { Check } from "./checks.ts";
import { Failure, Skipped } from "./failure.ts";

export const planned: Check = {
  id: "planned",
  title: "each service runs the image and the memory limit that were planned",
  blame: "backend",
  run: async ({ inputs: { containers, images, memoryMiB, engine } }) => {
    if (!images || !memoryMiB) throw new Skipped("the last up was made before this check");
    const states = await containerStates(Object.values(containers), { host: engine });
    const faults = Object.keys(containers).flatMap((service, i) => {
      const state = states[i];
      return [
        state?.image !== images[service] &&
          `${service} runs ${state?.image || "no image"}, not ${images[service]}`,
        state?.memoryMiB !== memoryMiB[service] &&
          `${service} may take ${state?.memoryMiB} MiB, not ${memoryMiB[service]} MiB`,
      ].filter((fault) => fault !== false);
    });
    if (faults.length > 0) throw new Failure(faults.join("; "));
    return `${states.length} containers`;
  },
};
