import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
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
import { checkInputs, type Failure, type Naming } from "./check.ts";
import { type Change, diff, nameForcesDeleteFirst } from "./diff.ts";
import { invoke } from "./invoke.ts";
import { checkPlan, create, isTainted, read, remove, type Target, update } from "./lifecycle.ts";
import { packageSchema } from "./package-schema.ts";
import { kindOf, unary } from "./rpc.ts";
import type { Context, FunctionDefinition, ProviderDefinition, ResourceDefinition } from "./schema.ts";
import { withoutNotes } from "./values.ts";
import { fromStruct, toStruct } from "./wire.ts";

/** The provider protocol for a provider that is given as data. */
export function providerService<Client>(
  definition: ProviderDefinition<Client>,
): UntypedServiceImplementation {
  const cancel = new AbortController();
  let client: Client | undefined;

  return {
    getPluginInfo: unary(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(definition.version);
      return info;
    }),
    getSchema: unary((request: GetSchemaRequest) => {
      if (request.getVersion() !== 0) throw new Error(`unsupported schema version ${request.getVersion()}`);
      const response = new provider.GetSchemaResponse();
      response.setSchema(JSON.stringify(packageSchema(definition)));
      return response;
    }),
    cancel: unary(() => {
      cancel.abort(new Error("the operation was cancelled"));
      return new empties.Empty();
    }),

    checkConfig: unary((request: CheckRequest) => {
      const response = new provider.CheckResponse();
      response.setInputs(toStruct(definition.checkConfig(fromStruct(request.getNews()))));
      return response;
    }),
    diffConfig: unary((request: DiffRequest) => {
      const { detailed, changed } = diff(
        definition.config,
        fromStruct(request.getOlds()),
        fromStruct(request.getNews()),
      );
      return diffResponse(detailed, changed, [], false);
    }),
    configure: unary(async (request: ConfigureRequest) => {
      client = await definition.configure(fromStruct(request.getArgs()));
      const response = new provider.ConfigureResponse();
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    invoke: unary(async (request: InvokeRequest) => {
      const token = request.getTok();
      const args = fromStruct(request.getArgs());
      const { result, failures } = await invoke(functionOf(token), contextOf(0), token, args);
      const response = new provider.InvokeResponse();
      response.setReturn(toStruct(result));
      response.setFailuresList(failures.map(checkFailure));
      return response;
    }),

    check: unary((request: CheckRequest) => {
      const resource = resourceOf(request);
      const news = fromStruct(request.getNews());
      const checked = checkInputs(resource.inputs, news, fromStruct(request.getOlds()), namingOf(request));
      const response = new provider.CheckResponse();
      response.setInputs(toStruct(checked.inputs));
      response.setFailuresList(checked.failures.map(checkFailure));
      return response;
    }),
    diff: unary((request: DiffRequest) => {
      const resource = resourceOf(request);
      const olds = fromStruct(request.getOlds());
      const news = fromStruct(request.getNews());
      checkPlan(targetOf(request, 0), withoutNotes(olds), news);
      const found = diff(
        resource.inputs,
        olds,
        news,
        request.getIgnorechangesList(),
        (key) => resource.unchanged?.(key, olds, news) === true,
      );
      const replaces = isTainted(olds) ? ["id", ...found.replaces] : found.replaces;
      const changed = isTainted(olds) ? ["id", ...found.changed] : found.changed;
      const deleteFirst =
        resource.deleteBeforeReplace === true ||
        nameForcesDeleteFirst(resource.inputs, fromStruct(request.getOldInputs()), news);
      return diffResponse(found.detailed, changed, replaces, replaces.length > 0 && deleteFirst);
    }),

    create: unary(async (request: CreateRequest) => {
      const target = targetOf(request, request.getTimeout());
      const made = await create(target, fromStruct(request.getProperties()), request.getPreview());
      const response = new provider.CreateResponse();
      response.setId(made.id);
      response.setProperties(toStruct(made.state));
      return response;
    }),
    read: unary(async (request: ReadRequest) => {
      const known = fromStruct(request.getProperties());
      const found = await read(targetOf(request, 0), request.getId(), known, fromStruct(request.getInputs()));
      const response = new provider.ReadResponse();
      // An answer without an id tells the engine that the object is gone.
      if (found === undefined) return response;
      response.setId(found.id);
      response.setProperties(toStruct(found.state));
      response.setInputs(toStruct(found.inputs));
      return response;
    }),
    update: unary(async (request: UpdateRequest) => {
      const olds = fromStruct(request.getOlds());
      const news = fromStruct(request.getNews());
      const target = targetOf(request, request.getTimeout());
      const state = await update(target, request.getId(), olds, news, request.getPreview());
      const response = new provider.UpdateResponse();
      response.setProperties(toStruct(state));
      return response;
    }),
    delete: unary(async (request: DeleteRequest) => {
      const target = targetOf(request, request.getTimeout());
      await remove(target, request.getId(), fromStruct(request.getProperties()));
      return new empties.Empty();
    }),
  };

  function standIn(): string {
    return `the sandbox's stand-in for the ${definition.name} plugin ${definition.version}`;
  }

  function resourceOf(request: { getUrn(): string }): ResourceDefinition<Client> {
    const type = request.getUrn().split("::")[2]?.split("$").pop() ?? "";
    const resource = definition.resources[type];
    if (resource !== undefined) return resource;
    const known = Object.keys(definition.resources).join(", ");
    throw new Error(`unknown resource type ${type}: ${standIn()} knows only ${known}`);
  }

  function functionOf(token: string): FunctionDefinition<Client> {
    const asked = definition.functions?.[token];
    if (asked !== undefined) return asked;
    const known = Object.keys(definition.functions ?? {});
    const offer = known.length === 0 ? "offers no functions" : `knows only ${known.join(", ")}`;
    throw new Error(`unknown function ${token}: ${standIn()} ${offer}`);
  }

  function targetOf(request: { getUrn(): string }, timeout: number): Target<Client> {
    return { definition: resourceOf(request), context: contextOf(timeout), urn: request.getUrn() };
  }

  function contextOf(timeout: number): Context<Client> {
    // Only a preview whose provider is not known yet comes without a configured client, and it makes no calls.
    return {
      get client(): Client {
        if (client === undefined) throw new Error(`the ${definition.name} provider is not configured`);
        return client;
      },
      signal: cancel.signal,
      timeoutSeconds: timeout > 0 ? timeout : undefined,
    };
  }
}

function checkFailure({ property, reason }: Failure) {
  const failure = new provider.CheckFailure();
  failure.setProperty(property);
  failure.setReason(reason);
  return failure;
}

function namingOf(request: CheckRequest): Naming {
  const resource = request.getUrn().split("::").slice(3).join("::");
  const naming: Naming = { resource, seed: request.getRandomseed_asU8() };
  const asked = request.getAutonaming();
  if (asked === undefined) return naming;
  const mode = (["propose", "enforce", "disable"] as const)[asked.getMode()] ?? "propose";
  return { ...naming, proposed: { name: asked.getProposedName(), mode } };
}

function diffResponse(
  detailed: Record<string, Change>,
  changed: string[],
  replaces: string[],
  deleteBeforeReplace: boolean,
) {
  const response = new provider.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(changed);
  response.setReplacesList(replaces);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(Object.keys(detailed).length > 0);
  for (const [path, change] of Object.entries(detailed)) {
    const entry = new provider.PropertyDiff();
    entry.setKind(kindOf(change));
    response.getDetaileddiffMap().set(path, entry);
  }
  return response;
}
