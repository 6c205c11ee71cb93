import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import rpc, { type IResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider, { type CheckResponse, type DiffResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  boolean,
  MadeButFailed,
  number,
  type Props,
  type ProviderDefinition,
  set,
  string,
} from "../../../sandbox/plugins/bridge/schema.ts";
import { providerService } from "../../../sandbox/plugins/bridge/service.ts";
import { fromStruct, toStruct } from "../../../sandbox/plugins/bridge/wire.ts";

/** A provider of jars: `size` is chosen by the shelf, and a cracked jar is made and then fails. */
const jars = new Map<string, Props>();
const shelf: ProviderDefinition<Map<string, Props>> = {
  name: "shelf",
  version: "1.2.3",
  config: { room: string() },
  checkConfig: (config) => ({ room: "cellar", ...config }),
  async configure(config) {
    if (config.room === "attic") throw new Error("no shelf in the attic");
    return jars;
  },
  resources: {
    "shelf:index/jar:Jar": {
      schemaVersion: 1,
      inputs: {
        name: string({ forceNew: true, autoname: true }),
        lid: boolean({ default: true }),
        content: set(string(), { sorted: true }),
        cracked: boolean(),
        label: string({ stored: (value) => String(value).toLowerCase() }),
        sealed: boolean({ forceNewIf: (old, value) => old === true && value === false }),
      },
      checkPlan(state, inputs) {
        if (state?.sealed === true && inputs.content) throw new Error("a sealed jar keeps its content");
      },
      unchanged: (key, state, inputs) => key === "label" && `${state.label}!` === inputs.label,
      unknownAfter: (_state, inputs) => (inputs.lid === false ? ["size"] : []),
      outputs: { size: string({ computed: true }) },
      async create({ client, timeoutSeconds }, inputs) {
        const state = { ...inputs, size: timeoutSeconds === 60 ? "slow" : "big" };
        client.set(String(inputs.name), state);
        const made = { id: String(inputs.name), state };
        if (inputs.cracked) throw new MadeButFailed(made, new Error("the jar leaks"));
        if (inputs.name === "taken") throw new Error("the name is taken");
        return made;
      },
      async read({ client }, id) {
        const state = client.get(id);
        return state && { id, state };
      },
      async update({ client }, id, _old, inputs) {
        if (inputs.cracked)
          throw new MadeButFailed({ id, state: { ...inputs, size: "shards" } }, new Error("it fell"));
        client.set(id, inputs);
        return inputs;
      },
      async delete({ client }, id) {
        if (!client.delete(id)) throw new Error("no such jar");
      },
    },
  },
  functions: {
    "shelf:index/countJars:countJars": {
      inputs: {
        color: string({ validate: (value, name) => (value === "black" ? `no ${name} black` : undefined) }),
      },
      outputs: { count: number() },
      async call({ client }, { color }) {
        if (color === "red") throw new Error("nobody counts red jars");
        return { count: client.size };
      },
    },
  },
};

const URN = "urn:pulumi:dev::proj::shelf:index/jar:Jar::jam";
let server: Server;
let client: IResourceProviderClient;

beforeAll(async () => {
  server = new Server();
  server.addService(rpc.ResourceProviderService, providerService(shelf));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  client = new rpc.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  await configure({ room: "cellar" });
});
afterAll(() => server.forceShutdown());

type Done<T> = (error: ServiceError | null, response: T) => void;
const call = <T>(send: (done: Done<T>) => void) =>
  new Promise<T>((resolve, reject) => send((error, response) => (error ? reject(error) : resolve(response))));

function configure(config: Props) {
  const request = new provider.ConfigureRequest();
  request.setArgs(toStruct(config));
  return call((done) => client.configure(request, done));
}
function check(news: Props, urn = URN): Promise<CheckResponse> {
  const request = new provider.CheckRequest();
  request
    .setUrn(urn)
    .setNews(toStruct(news))
    .setRandomseed(new Uint8Array([7]));
  return call((done) => client.check(request, done));
}
function create(properties: Props, { preview = false, timeout = 0 } = {}) {
  const request = new provider.CreateRequest();
  request.setUrn(URN).setProperties(toStruct(properties)).setPreview(preview).setTimeout(timeout);
  return call<InstanceType<typeof provider.CreateResponse>>((done) => client.create(request, done));
}
function diff(olds: Props, news: Props): Promise<DiffResponse> {
  const request = new provider.DiffRequest();
  request
    .setUrn(URN)
    .setId("jam")
    .setOlds(toStruct(olds))
    .setNews(toStruct(news))
    .setOldInputs(toStruct(news));
  return call((done) => client.diff(request, done));
}
function update(olds: Props, news: Props, preview = false) {
  const request = new provider.UpdateRequest();
  request.setUrn(URN).setId("jam").setOlds(toStruct(olds)).setNews(toStruct(news)).setPreview(preview);
  return call<InstanceType<typeof provider.UpdateResponse>>((done) => client.update(request, done));
}
function invoke(token: string, args: Props = {}) {
  const request = new provider.InvokeRequest();
  request.setTok(token).setArgs(toStruct(args));
  return call<InstanceType<typeof provider.InvokeResponse>>((done) => client.invoke(request, done));
}
function read(id: string, state: Props, inputs: Props) {
  const request = new provider.ReadRequest();
  request.setUrn(URN).setId(id).setProperties(toStruct(state)).setInputs(toStruct(inputs));
  return call<InstanceType<typeof provider.ReadResponse>>((done) => client.read(request, done));
}

describe("the provider", () => {
  it("says its version and schema", async () => {
    const info = await call<{ getVersion(): string }>((done) =>
      client.getPluginInfo(new empties.Empty(), done),
    );
    expect(info.getVersion()).toBe("1.2.3");
    const schema = await call<{ getSchema(): string }>((done) =>
      client.getSchema(new provider.GetSchemaRequest(), done),
    );
    expect(JSON.parse(schema.getSchema()).resources["shelf:index/jar:Jar"].inputProperties.content).toEqual({
      type: "array",
      items: { type: "string" },
    });
  });

  it("passes on why it cannot be configured", async () => {
    await expect(configure({ room: "attic" })).rejects.toMatchObject({ details: "no shelf in the attic" });
  });

  it("names the types it knows when asked for another", async () => {
    const other = check({}, "urn:pulumi:dev::proj::parent:x:Y$shelf:index/box:Box::b");
    await expect(other).rejects.toMatchObject({
      details: expect.stringContaining("unknown resource type shelf:index/box:Box"),
    });
  });
});

describe("a resource", () => {
  it("is checked, previewed and made", async () => {
    const inputs = fromStruct((await check({ content: ["plum", "apple"] })).getInputs());
    expect(inputs).toMatchObject({ name: expect.stringMatching(/^jam-[0-9a-f]{7}$/), lid: true });

    const previewed = fromStruct((await create(inputs, { preview: true })).getProperties());
    expect(previewed).toMatchObject({
      size: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
      content: ["apple", "plum"],
    });
    expect(jars.size).toBe(0);

    const made = await create(inputs, { timeout: 60 });
    expect(made.getId()).toBe(inputs.name);
    expect(fromStruct(made.getProperties())).toMatchObject({ size: "slow", cracked: null });
  });

  it("that was not made leaves no trace", async () => {
    await expect(create({ name: "taken" })).rejects.toMatchObject({
      details: "1 error occurred:\n\t* the name is taken\n\n",
    });
  });

  it("that was made and failed comes with its state, and is replaced next time", async () => {
    const inputs = { name: "jam", cracked: true, __defaults: [] };
    const error = await create(inputs).catch((cause: ServiceError) => cause);
    if (!("metadata" in error)) throw new Error("the creation should have failed");
    const [packed] = error.metadata.get("grpc-status-details-bin");
    const detail = statuses.Status.deserializeBinary(packed as Buffer).getDetailsList()[0];
    const failure = provider.ErrorResourceInitFailed.deserializeBinary(
      detail?.getValue_asU8() ?? new Uint8Array(),
    );
    expect(failure.getId()).toBe("jam");
    expect(failure.getReasonsList()).toEqual([`creating ${URN}: 1 error occurred:\n\t* the jar leaks\n\n`]);

    const state = fromStruct(failure.getProperties());
    const next = await diff(state, inputs);
    expect(next.getReplacesList()).toEqual(["id"]);
    expect(next.getDeletebeforereplace()).toBe(true);
  });

  it("tells updates from replacements", async () => {
    const state = { name: "jam", lid: true, content: ["a", "b"] };
    const same = await diff(state, { name: "jam", lid: true, content: ["b", "a"], __defaults: [] });
    expect(same.getChanges()).toBe(provider.DiffResponse.DiffChanges.DIFF_NONE);

    const update = await diff(state, { name: "jam", lid: false, content: ["a"], __defaults: [] });
    expect(update.getDiffsList()).toEqual(["lid", "content"]);
    expect(update.getReplacesList()).toEqual([]);
    expect(update.getDetaileddiffMap().get("content[1]")?.getKind()).toBe(provider.PropertyDiff.Kind.DELETE);

    const replace = await diff(state, { name: "jelly", lid: true, content: ["a", "b"], __defaults: [] });
    expect(replace.getReplacesList()).toEqual(["name"]);
    expect(replace.getDetaileddiffMap().get("name")?.getKind()).toBe(
      provider.PropertyDiff.Kind.UPDATE_REPLACE,
    );
  });

  it("is read for a refresh and an import, and is gone when it is gone", async () => {
    jars.set("jam", { name: "jam", lid: false, size: "big" });
    const refreshed = await read(
      "jam",
      { name: "jam", lid: true },
      { name: "jam", lid: true, __defaults: ["lid"] },
    );
    expect(fromStruct(refreshed.getInputs())).toEqual({ name: "jam", lid: false, __defaults: ["lid"] });
    const imported = await read("jam", {}, {});
    expect(fromStruct(imported.getInputs())).toEqual({ name: "jam", __defaults: [] });
    expect((await read("gone", {}, {})).getId()).toBe("");
  });

  it("tells what failed at an end", async () => {
    const request = new provider.DeleteRequest();
    request.setUrn(URN).setId("gone");
    await expect(call((done) => client.delete(request, done))).rejects.toMatchObject({
      details: `deleting ${URN}: 1 error occurred:\n\t* no such jar\n\n`,
    });
  });
});

describe("a change", () => {
  const state = { name: "jam", lid: true, label: "plum", sealed: true };

  it("replaces only where it is one of the kind that does", async () => {
    const opened = await diff(state, { ...state, sealed: false });
    expect(opened.getReplacesList()).toEqual(["sealed"]);
    const sealed = await diff({ ...state, sealed: false }, state);
    expect([sealed.getDiffsList(), sealed.getReplacesList()]).toEqual([["sealed"], []]);
  });

  it("is none where the state holds the value in its own form, or the resource says so", async () => {
    for (const label of ["PLUM", "plum!"])
      expect((await diff(state, { ...state, label })).getChanges()).toBe(
        provider.DiffResponse.DiffChanges.DIFF_NONE,
      );
  });

  it("that makes no sense is told before anything is done", async () => {
    await expect(diff(state, { ...state, content: ["fig"] })).rejects.toMatchObject({
      details: `diffing ${URN}: 1 error occurred:\n\t* a sealed jar keeps its content\n\n`,
    });
  });

  it("shows in its preview what it makes unknown", async () => {
    const planned = await update({ ...state, size: "big" }, { ...state, lid: false }, true);
    expect(fromStruct(planned.getProperties())).toMatchObject({
      lid: false,
      size: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    });
  });

  it("that fails half way leaves in the state how far it came", async () => {
    const error = await update(state, { ...state, cracked: true }).catch((cause: ServiceError) => cause);
    if (!("metadata" in error)) throw new Error("the update should have failed");
    const [packed] = error.metadata.get("grpc-status-details-bin");
    const detail = statuses.Status.deserializeBinary(packed as Buffer).getDetailsList()[0];
    const failure = provider.ErrorResourceInitFailed.deserializeBinary(
      detail?.getValue_asU8() ?? new Uint8Array(),
    );
    expect(failure.getReasonsList()).toEqual([`updating ${URN}: 1 error occurred:\n\t* it fell\n\n`]);
    const kept = fromStruct(failure.getProperties());
    expect(kept).toMatchObject({ size: "shards" });
    expect((await diff(kept, { ...state, cracked: true })).getReplacesList()).toEqual([]);
  });
});

describe("a function", () => {
  const token = "shelf:index/countJars:countJars";

  it("answers", async () => {
    jars.clear();
    jars.set("jam", {});
    expect(fromStruct((await invoke(token)).getReturn())).toEqual({ color: null, count: 1 });
  });

  it("refuses wrong arguments, tells its own failures, and is told from unknown ones", async () => {
    const refused = await invoke(token, { color: "black" });
    expect(refused.getFailuresList()[0]?.getReason()).toContain("no color black");
    await expect(invoke(token, { color: "red" })).rejects.toMatchObject({
      details: `invoking ${token}: 1 error occurred:\n\t* nobody counts red jars\n\n`,
    });
    await expect(invoke("shelf:index/other:other")).rejects.toMatchObject({
      details: expect.stringContaining(`knows only ${token}`),
    });
  });
});
