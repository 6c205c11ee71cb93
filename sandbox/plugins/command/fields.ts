import type { Value } from "../bridge/schema.ts";

/** The inputs of this provider, as data. Names of Go types are there because the original's errors show them. */

export type Type =
  | { kind: "string"; go: string }
  | { kind: "int" | "float" | "bool" | "any" | "source" }
  | { kind: "list" | "map"; item: Type }
  | Struct;

export interface Struct {
  kind: "struct";
  go: string;
  fields: Fields;
}

export interface Field {
  type: Type;
  required?: true;
  default?: Value;
  /** Always a secret, whatever the program says. */
  secret?: true;
  /** A change needs a new object. */
  replaces?: true;
}

export type Fields = Record<string, Field>;

const text: Type = { kind: "string", go: "string" };
const texts: Type = { kind: "list", item: text };
const triggers: Field = { type: { kind: "list", item: { kind: "any" } }, replaces: true };

const endpoint: Fields = {
  user: { type: text, default: "root" },
  password: { type: text },
  host: { type: text, required: true },
  port: { type: { kind: "float" }, default: 22 },
  privateKey: { type: text },
  privateKeyPassword: { type: text },
  agentSocketPath: { type: text },
  dialErrorLimit: { type: { kind: "int" }, default: 10 },
  perDialTimeout: { type: { kind: "int" }, default: 15 },
  hostKey: { type: text },
};

const connection: Field = {
  type: {
    kind: "struct",
    go: "remote.Connection",
    fields: {
      ...endpoint,
      proxy: { type: { kind: "struct", go: "remote.ProxyConnection", fields: endpoint } },
    },
  },
  required: true,
  secret: true,
};

const lifecycle: Fields = {
  triggers,
  create: { type: text },
  update: { type: text },
  delete: { type: text },
};

const process: Fields = {
  stdin: { type: text },
  environment: { type: { kind: "map", item: text } },
  addPreviousOutputInEnv: { type: { kind: "bool" }, default: true },
};

const local: Fields = {
  ...process,
  logging: { type: { kind: "string", go: "local.Logging" } },
  interpreter: { type: texts },
  dir: { type: text },
  assetPaths: { type: texts },
  archivePaths: { type: texts },
};

export const remoteCommandInputs: Struct = {
  kind: "struct",
  go: "remote.CommandInputs",
  fields: {
    ...lifecycle,
    ...process,
    logging: { type: { kind: "string", go: "remote.Logging" } },
    connection,
  },
};

export const localCommandInputs: Struct = {
  kind: "struct",
  go: "local.CommandInputs",
  fields: { ...lifecycle, ...local },
};

export const localRunInputs: Struct = {
  kind: "struct",
  go: "local.RunInputs",
  fields: { ...local, command: { type: text, required: true } },
};

export const copyToRemoteInputs: Struct = {
  kind: "struct",
  go: "remote.CopyToRemoteInputs",
  fields: {
    connection,
    triggers,
    source: { type: { kind: "source" }, required: true },
    remotePath: { type: text, required: true },
  },
};

export const copyFileInputs: Struct = {
  kind: "struct",
  go: "remote.CopyFileInputs",
  fields: {
    connection,
    triggers,
    localPath: { type: text, required: true },
    remotePath: { type: text, required: true },
  },
};
