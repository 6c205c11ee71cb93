import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider, { type CheckResponse, type DiffResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import type { Props } from "../../../sandbox/plugins/bridge/schema.ts";
import { fromStruct, toStruct } from "../../../sandbox/plugins/bridge/wire.ts";
import { commandService } from "../../../sandbox/plugins/command/service.ts";

export interface Message {
  severity: number;
  message: string;
  ephemeral: boolean;
  urn: string;
}

type Done<T> = (error: ServiceError | null, response: T) => void;

/** The plugin behind its protocol, with an engine that keeps what it is told. */
export async function startPlugin() {
  const messages: Message[] = [];
  const engine = new Server();
  engine.addService(engineRpc.EngineService, {
    log: (call: { request: LogRequest }, done: Done<unknown>) => {
      const { severity, message, ephemeral, urn } = call.request.toObject();
      messages.push({ severity, message, ephemeral, urn });
      done(null, new empties.Empty());
    },
  });
  const server = new Server();
  server.addService(rpc.ResourceProviderService, commandService(undefined));
  const [enginePort, port] = [await listen(engine), await listen(server)];
  const client = new rpc.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = <T>(send: (done: Done<T>) => void) =>
    new Promise<T>((resolve, reject) =>
      send((error, response) => (error ? reject(new Error(error.details)) : resolve(response))),
    );
  const attach = new plugin.PluginAttach();
  await call((done) => client.attach(attach.setAddress(`127.0.0.1:${enginePort}`), done));

  const urn = (type: string) => `urn:pulumi:dev::proj::command:${type}::it`;
  return {
    messages,
    client,
    call,
    async check(type: string, news: Props) {
      const request = new provider.CheckRequest();
      request.setUrn(urn(type)).setNews(toStruct(news));
      const response = await call<CheckResponse>((done) => client.check(request, done));
      const failures = response.getFailuresList().map((one) => `${one.getProperty()}: ${one.getReason()}`);
      return { inputs: fromStruct(response.getInputs()), failures };
    },
    async diff(type: string, olds: Props, news: Props, ignored: string[] = []) {
      const request = new provider.DiffRequest();
      request.setUrn(urn(type)).setOlds(toStruct(olds)).setNews(toStruct(news)).setIgnorechangesList(ignored);
      const response = await call<DiffResponse>((done) => client.diff(request, done));
      const kinds = Object.entries(provider.PropertyDiff.Kind);
      const detailed = [...response.getDetaileddiffMap().entries()].map(([path, entry]) => [
        path,
        kinds.find(([, kind]) => kind === entry.getKind())?.[0],
      ]);
      return {
        changes: response.getChanges() === provider.DiffResponse.DiffChanges.DIFF_SOME,
        replaces: response.getReplacesList(),
        detailed: Object.fromEntries(detailed),
      };
    },
    async create(type: string, inputs: Props, { preview = false, timeout = 0 } = {}) {
      const request = new provider.CreateRequest();
      request.setUrn(urn(type)).setProperties(toStruct(inputs)).setPreview(preview).setTimeout(timeout);
      const response = await call<InstanceType<typeof provider.CreateResponse>>((done) =>
        client.create(request, done),
      );
      return { id: response.getId(), state: fromStruct(response.getProperties()) };
    },
    async update(type: string, olds: Props, news: Props, preview = false) {
      const request = new provider.UpdateRequest();
      request
        .setUrn(urn(type))
        .setId("it")
        .setOlds(toStruct(olds))
        .setNews(toStruct(news))
        .setPreview(preview);
      const response = await call<InstanceType<typeof provider.UpdateResponse>>((done) =>
        client.update(request, done),
      );
      return fromStruct(response.getProperties());
    },
    async remove(type: string, state: Props) {
      const request = new provider.DeleteRequest();
      await call((done) =>
        client.delete(request.setUrn(urn(type)).setId("it").setProperties(toStruct(state)), done),
      );
    },
    async run(args: Props) {
      const request = new provider.InvokeRequest();
      request.setTok("command:local:run").setArgs(toStruct(args));
      const response = await call<InstanceType<typeof provider.InvokeResponse>>((done) =>
        client.invoke(request, done),
      );
      const failures = response.getFailuresList().map((one) => one.getReason());
      return { failures, result: fromStruct(response.getReturn()) };
    },
    cancel: () => call((done) => client.cancel(new empties.Empty(), done)),
    close() {
      client.close();
      server.forceShutdown();
      engine.forceShutdown();
    },
  };
}

export type Plugin = Awaited<ReturnType<typeof startPlugin>>;

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
}
