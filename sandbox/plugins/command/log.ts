import { credentials } from "@grpc/grpc-js";
import rpc, { type IEngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";

/** What the engine shows beside a resource. */
export interface Log {
  /** A line of the moment, replaced by the next. */
  status(line: string): void;
  warning(text: string): void;
  error(text: string): void;
  /** Resolves when the engine has all of it. */
  sent(): Promise<void>;
}

export function connectEngine(address: string): IEngineClient {
  return new rpc.EngineClient(address, credentials.createInsecure());
}

/** Messages about one resource, delivered in their order. */
export function engineLog(client: IEngineClient | undefined, urn: string): Log {
  const { INFO, WARNING, ERROR } = engine.LogSeverity;
  let last: Promise<void> = Promise.resolve();

  const send = (severity: Severity, message: string, ephemeral: boolean) => {
    if (client === undefined) return;
    const request = new engine.LogRequest();
    request.setSeverity(severity).setMessage(message).setUrn(urn).setEphemeral(ephemeral);
    // An engine that no longer listens is ending: what a command printed is then no reason for it to fail.
    last = last.then(() => new Promise((resolve) => client.log(request, () => resolve())));
  };
  return {
    status: (line) => send(INFO, line, true),
    warning: (text) => send(WARNING, text, false),
    error: (text) => send(ERROR, text, false),
    sent: () => last,
  };
}

type Severity = (typeof engine.LogSeverity)[keyof typeof engine.LogSeverity];
