// A resource as a program asks for it, wherever that was read: what the estimate and the policies look at.

export interface PlannedResource {
  /** Pulumi's type token, such as `digitalocean:index/droplet:Droplet`. */
  type: string;
  name: string;
  /** Pulumi's name for it, where the plan has one; without it, type and name tell resources apart. */
  urn?: string;
  /** As the program asked for it; what is not known before the run is `unknown` below. */
  inputs: Record<string, unknown>;
  /** For each input that is made of other resources' outputs, their keys (see `keyOf`). */
  uses: Record<string, string[]>;
  /** Protected from deletion. */
  protect: boolean;
}

/** What Pulumi's own JSON says in place of a value that is not known yet (sdk/go/common/resource/plugin/rpc.go). */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Tells resources of one plan apart, also in plans that know no URN. */
export const keyOf = ({ type, name }: { type: string; name: string }): string => `${type}::${name}`;

/** The key of the resource with this URN: `urn:pulumi:stack::project::parent$type::name`. */
export function keyOfUrn(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${types.slice(types.lastIndexOf("$") + 1)}::${name.join("::")}`;
}
