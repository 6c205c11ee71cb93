import { type Metadata as GrpcMetadata, Metadata, status } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import anys from "google-protobuf/google/protobuf/any_pb.js";
import structs, { type JavaScriptValue, type Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Props } from "./schema.ts";

export function fromStruct(struct: Struct | undefined): Props {
  return struct === undefined ? {} : (struct.toJavaScript() as Props);
}

export function toStruct(props: Props): Struct {
  // What comes out of another program's answer may hold undefined, which a Struct refuses; JSON drops it.
  const plain: { [key: string]: JavaScriptValue } = JSON.parse(JSON.stringify(props));
  return structs.Struct.fromJavaScript(plain);
}

export interface RpcError {
  code: status;
  message: string;
  metadata?: GrpcMetadata;
}

export function rpcError(cause: unknown): RpcError {
  if (isRpcError(cause)) return cause;
  return { code: status.UNKNOWN, message: cause instanceof Error ? cause.message : String(cause) };
}

/** The engine keeps the object in the state and shows the reason; gRPC has no room for that but its status details. */
export function initFailed(id: string, state: Props, inputs: Props, reason: string): RpcError {
  const failure = new provider.ErrorResourceInitFailed();
  failure.setId(id);
  failure.setProperties(toStruct(state));
  failure.setInputs(toStruct(inputs));
  failure.setReasonsList([reason]);

  const detail = new anys.Any();
  detail.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const outcome = new statuses.Status();
  outcome.setCode(status.UNKNOWN);
  outcome.setMessage(reason);
  outcome.addDetails(detail);

  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(outcome.serializeBinary()));
  return { code: status.UNKNOWN, message: reason, metadata };
}

function isRpcError(cause: unknown): cause is RpcError {
  return typeof cause === "object" && cause !== null && "code" in cause && "metadata" in cause;
}
