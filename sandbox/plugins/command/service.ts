import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { IEngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import plugin, { type PluginAttach } from "@pulumi/pulumi/proto/plugin_pb.js";
import provider, {
  type CheckRequest,
  type ConfigureRequest,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type GetSchemaRequest,
  type InvokeRequest,
  type ReadRequest,
  type UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { packageVersion } from "../../../scripts/lib/package-version.ts";
import type { Failure } from "../bridge/check.ts";
import type { Difference } from "../bridge/diff.ts";
import { kindOf, unary } from "../bridge/rpc.ts";
import type { Props } from "../bridge/schema.ts";
import { UNKNOWN } from "../bridge/values.ts";
import { fromStruct, toStruct } from "../bridge/wire.ts";
import { checkInputs } from "./check.ts";
import { diff } from "./diff.ts";
import { connectEngine, engineLog } from "./log.ts";
import { packageSchema } from "./package-schema.ts";
import { RUN, resources, run } from "./provider.ts";
import type { Context, Resource } from "./resource.ts";
import { nameOf, reveal } from "./values.ts";

/** The plugin is of the version its SDK asks for. */
const version = packageVersion("@pulumi/command");

/**
 * The provider protocol for a provider without a configuration whose resources' state is their inputs and a few outputs.
 * Unlike the bridge it takes secrets as such, and gives inputs back as marked as it got them.
 */
export function commandService(engineAddress: string | undefined): UntypedServiceImplementation {
  const cancel = new AbortController();
  let engine: IEngineClient | undefined =
    engineAddress === undefined ? undefined : connectEngine(engineAddress);

  return {
    getPluginInfo: unary(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    attach: unary((request: PluginAttach) => {
      engine = connectEngine(request.getAddress());
      return new empties.Empty();
    }),
    getSchema: unary((request: GetSchemaRequest) => {
      if (request.getVersion() !== 0) throw new Error(`unsupported schema version ${request.getVersion()}`);
      const response = new provider.GetSchemaResponse();
      response.setSchema(JSON.stringify(packageSchema(version)));
      return response;
    }),
    cancel: unary(() => {
      cancel.abort();
      return new empties.Empty();
    }),

    checkConfig: unary((request: CheckRequest) => checkResponse(fromStruct(request.getNews()), [])),
    diffConfig: unary(() => diffResponse({ detailed: {}, changed: [], replaces: [] })),
    configure: unary((_: ConfigureRequest) => {
      const response = new provider.ConfigureResponse();
      response.setAcceptsecrets(true).setSupportspreview(true);
      return response;
    }),
    invoke: unary(async (request: InvokeRequest) => {
      if (request.getTok() !== RUN) throw new Error(`unknown function ${request.getTok()}: there is ${RUN}`);
      const { failures, result } = await run(contextOf("", 0), fromStruct(request.getArgs()));
      const response = new provider.InvokeResponse();
      response.setReturn(toStruct(result));
      response.setFailuresList(failures.map(failureOf));
      return response;
    }),

    check: unary((request: CheckRequest) => {
      const resource = resourceOf(request);
      const { inputs, failures } = checkInputs(resource.inputs, fromStruct(request.getNews()));
      const more = resource.check?.(reveal(inputs)) ?? [];
      return checkResponse(inputs, [...failures, ...more]);
    }),
    diff: unary((request: DiffRequest) => {
      const { inputs, update } = resourceOf(request);
      const olds = fromStruct(request.getOlds());
      const news = fromStruct(request.getNews());
      return diffResponse(
        diff(inputs.fields, olds, news, request.getIgnorechangesList(), update !== undefined),
      );
    }),

    create: unary(async (request: CreateRequest) => {
      const resource = resourceOf(request);
      const inputs = fromStruct(request.getProperties());
      const response = new provider.CreateResponse();
      if (request.getPreview())
        return response.setProperties(toStruct({ ...inputs, ...unknown(resource.computed) }));
      const urn = request.getUrn();
      const made = await resource.create(contextOf(urn, request.getTimeout()), nameOf(urn), reveal(inputs));
      return response.setId(made.id).setProperties(toStruct({ ...inputs, ...made.outputs }));
    }),
    read: unary((request: ReadRequest) => {
      // What a command did cannot be looked at: the state is as it was.
      const response = new provider.ReadResponse();
      response.setId(request.getId()).setProperties(request.getProperties()).setInputs(request.getInputs());
      return response;
    }),
    update: unary(async (request: UpdateRequest) => {
      const { update, outputs } = resourceOf(request);
      if (update === undefined) throw new Error(`Update is not implemented for resource ${request.getUrn()}`);
      const olds = fromStruct(request.getOlds());
      const inputs = fromStruct(request.getNews());
      const response = new provider.UpdateResponse();
      if (request.getPreview()) {
        const printed = Object.keys(outputs).filter((key) => key in olds);
        return response.setProperties(toStruct({ ...inputs, ...unknown(printed) }));
      }
      const context = contextOf(request.getUrn(), request.getTimeout());
      const after = await update(context, reveal(olds), reveal(inputs));
      return response.setProperties(toStruct({ ...inputs, ...after }));
    }),
    delete: unary(async (request: DeleteRequest) => {
      const context = contextOf(request.getUrn(), request.getTimeout());
      await resourceOf(request).delete?.(context, reveal(fromStruct(request.getProperties())));
      return new empties.Empty();
    }),
  };

  function resourceOf(request: { getUrn(): string }): Resource {
    const type = request.getUrn().split("::")[2]?.split("$").pop() ?? "";
    const resource = resources[type];
    if (resource !== undefined) return resource;
    const known = Object.keys(resources).join(", ");
    throw new Error(
      `unknown resource type ${type}: the sandbox's stand-in for the command plugin ${version} knows ${known}`,
    );
  }

  function contextOf(urn: string, timeoutSeconds: number): Context {
    const limits = timeoutSeconds > 0 ? [AbortSignal.timeout(timeoutSeconds * 1000)] : [];
    return { log: engineLog(engine, urn), signal: AbortSignal.any([cancel.signal, ...limits]) };
  }
}

function unknown(keys: readonly string[]): Props {
  return Object.fromEntries(keys.map((key) => [key, UNKNOWN]));
}

function checkResponse(inputs: Props, failures: Failure[]) {
  const response = new provider.CheckResponse();
  response.setInputs(toStruct(inputs));
  return response.setFailuresList(failures.map(failureOf));
}

function failureOf({ property, reason }: Failure) {
  const failure = new provider.CheckFailure();
  return failure.setProperty(property).setReason(reason);
}

function diffResponse({ detailed, changed, replaces }: Difference) {
  const response = new provider.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(changed).setReplacesList(replaces).setHasdetaileddiff(true);
  for (const [path, change] of Object.entries(detailed)) {
    const entry = new provider.PropertyDiff();
    response.getDetaileddiffMap().set(path, entry.setKind(kindOf(change)).setInputdiff(false));
  }
  return response;
}
