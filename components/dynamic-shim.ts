import type * as pulumi from "@pulumi/pulumi";

/** What the module behind a dynamic resource exports; inputs and outputs are plain data, secrets included. */
export interface DynamicModule<Inputs, Outputs> {
  create(inputs: Inputs): Promise<{ id: string; outs: Outputs }>;
  /** Called when any input differs, and also when only the provider's own text does (a new SDK, say). */
  update(olds: Outputs, news: Inputs): Promise<Outputs>;
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
