import type * as pulumi from "@pulumi/pulumi";

/** What the module behind a dynamic resource exports; inputs and outputs are plain data, secrets included. */
export interface DynamicModule<Inputs, Outputs> {
  create(inputs: Inputs): Promise<{ id: string; outs: Outputs }>;
  /** Called when any input differs, and also when only the provider's own text does (a new SDK, say). */
  update(olds: Outputs, news: Inputs): Promise<Outputs>;
  /** Called only where the shim asks for it. */
  delete?(olds: Outputs): Promise<void>;
}

/** Makes a module's methods end with the run that called them. */
export function withinRun<Inputs, Outputs>(
  module: DynamicModule<Inputs, Outputs>,
): DynamicModule<Inputs, Outputs> {
  return {
    create: (inputs) => {
      endWithEngine();
      return module.create(inputs);
    },
    update: (olds, news) => {
      endWithEngine();
      return module.update(olds, news);
    },
    delete: async (olds) => {
      endWithEngine();
      await module.delete?.(olds);
    },
  };
}

let watching = false;

/**
 * An engine that is killed does not end the process of its dynamic resources, which would go on beside the next run:
 * two bootstraps at once would take each other's work for somebody else's.
 */
function endWithEngine(): void {
  if (watching) return;
  watching = true;
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(1);
  }, 1000).unref();
}

/**
 * A provider for a dynamic resource whose code stays in the project: Pulumi writes a provider's text into the state,
 * so the text only loads a module and calls it. Without a `diff` the engine compares the inputs.
 * @param module path from the project's root, where the engine starts providers
 */
export function shim(module: string): pulumi.dynamic.ResourceProvider {
  return {
    create: async (news) => (await import(`${process.cwd()}/${module}`)).create(news),
    update: async (_, olds, news) => ({
      outs: await (await import(`${process.cwd()}/${module}`)).update(olds, news),
    }),
  };
}

/** The same for a resource whose end has to be prepared. */
export function shimWithDelete(module: string): pulumi.dynamic.ResourceProvider {
  return {
    ...shim(module),
    delete: async (_, olds) => (await import(`${process.cwd()}/${module}`)).delete(olds),
  };
}
