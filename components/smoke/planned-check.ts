// What runs is what was planned, not what somebody has started by hand since.
import { containerStates } from "../hosts/containers.ts";
import { docker } from "../hosts/docker-cli.ts";
import type { Check } from "./checks.ts";
import { Failure, Skipped } from "./failure.ts";

export const planned: Check = {
  id: "planned",
  title: "each service runs the image and the memory limit that were planned",
  blame: "backend",
  run: async ({ inputs: { containers, images, memoryMiB, engine } }) => {
    if (!images || !memoryMiB) throw new Skipped("the last up was made before this check");
    const states = await containerStates(Object.values(containers), { host: engine });
    // A kernel without that controller runs containers all the same, without limits.
    const limits =
      (await docker(["info", "--format", "{{.MemoryLimit}}"], { host: engine })).trim() === "true";
    const faults = Object.keys(containers).flatMap((service, i) => {
      const state = states[i];
      return [
        state?.image !== images[service] &&
          `${service} runs ${state?.image || "no image"}, not ${images[service]}`,
        limits &&
          state?.memoryMiB !== memoryMiB[service] &&
          `${service} may take ${state?.memoryMiB} MiB, not ${memoryMiB[service]} MiB`,
      ].filter((fault) => fault !== false);
    });
    if (faults.length > 0) throw new Failure(faults.join("; "));
    return `${states.length} containers${limits ? "" : ", without limits: this machine's kernel has none"}`;
  },
};
