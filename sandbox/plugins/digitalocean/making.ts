import { type Made, MadeButFailed, type Props } from "../bridge/schema.ts";

/** From the moment an object exists, no failure may lose it: the state gets it as far as it is known. */
export async function completing(
  id: string,
  inputs: Props,
  rest: () => Promise<Props | undefined>,
): Promise<Made> {
  try {
    const state = await rest();
    if (state === undefined) throw new Error(`${id} was made but is gone at the first look`);
    return { id, state };
  } catch (cause) {
    throw new MadeButFailed({ id, state: inputs }, cause);
  }
}

/** Changes an object and reads it again; what fails on the way leaves in the state how far it came. */
export async function changing(
  id: string,
  { old, inputs }: { old: Props; inputs: Props },
  steps: () => Promise<void>,
  read: (known: Props) => Promise<Props | undefined>,
): Promise<Props> {
  try {
    await steps();
  } catch (cause) {
    const state = await read(old);
    throw state === undefined ? cause : new MadeButFailed({ id, state }, cause);
  }
  const state = await read(inputs);
  if (state === undefined) throw new Error(`${id} is gone; \`pulumi refresh\` takes it out of the state`);
  return state;
}
