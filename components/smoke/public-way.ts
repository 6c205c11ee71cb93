// The way the public takes: by the public name, but straight to the deployment's own address. A resolver here may not
// know a name yet that was made a minute ago, and must not send a password to where it pointed before.
import type { LookupFunction } from "node:net";
import { rootCertificates } from "node:tls";
import { Agent } from "undici";
import type { SmokeInputs } from "./smoke.ts";

/** Certificates of those who may vouch for the name. */
export const trusted = (inputs: SmokeInputs): string[] | undefined =>
  inputs.publicAddress?.root ? [...rootCertificates, inputs.publicAddress.root] : undefined;

export interface PublicWay extends AsyncDisposable {
  /** An HTTP client's connections; undefined where the name's own address is the one. */
  dispatcher: Agent | undefined;
}

export function publicWay(inputs: SmokeInputs): PublicWay {
  const dispatcher = agentTo(inputs);
  return { dispatcher, [Symbol.asyncDispose]: async () => dispatcher?.destroy() };
}

function agentTo(inputs: SmokeInputs): Agent | undefined {
  if (!inputs.publicAddress) return undefined;
  const { address } = inputs.publicAddress;
  const lookup: LookupFunction = (_name, options, callback) =>
    options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4);
  const ca = trusted(inputs);
  return new Agent({ connect: { lookup, ...(ca && { ca }) } });
}
