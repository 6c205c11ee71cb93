// What every service over gRPC needs, whatever kind of provider is behind it.
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { Change } from "./diff.ts";
import { rpcError } from "./wire.ts";

export function kindOf({ kind, replace }: Change) {
  const { Kind } = provider.PropertyDiff;
  if (kind === "add") return replace ? Kind.ADD_REPLACE : Kind.ADD;
  if (kind === "delete") return replace ? Kind.DELETE_REPLACE : Kind.DELETE;
  return replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}

export function unary<Request, Response>(handle: (request: Request) => Response | Promise<Response>) {
  return async (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>): Promise<void> => {
    try {
      done(null, await handle(call.request));
    } catch (cause) {
      done({ name: "Error", ...rpcError(cause) }, null);
    }
  };
}
