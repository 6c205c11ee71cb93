import type { Failure } from "../bridge/check.ts";
import type { Props, Value } from "../bridge/schema.ts";
import { isObject, isSet, UNKNOWN } from "../bridge/values.ts";
import { copyFileInputs, copyToRemoteInputs } from "./fields.ts";
import type { Connection } from "./remote/connection.ts";
import { copyPath, copyText, copyFile as sendFile, statLocal, withSftp } from "./remote/copy.ts";
import { type Context, type Resource, uniqueId } from "./resource.ts";
import { isArchive, isAsset } from "./values.ts";

export const copyToRemote: Resource = {
  inputs: copyToRemoteInputs,
  outputs: {},
  computed: [],
  check: ({ source }) => sourceFaults(source),
  async create(context, _name, inputs) {
    await transfer(context, inputs);
    return { id: uniqueId(""), outputs: {} };
  },
  async update(context, state, inputs) {
    const changed = hashOf(inputs) !== hashOf(state) || inputs.remotePath !== state.remotePath;
    if (changed) await transfer(context, inputs);
    return {};
  },
};

export const copyFile: Resource = {
  inputs: copyFileInputs,
  outputs: {},
  computed: [],
  async create(context, _name, inputs) {
    const source = String(inputs.localPath);
    await statLocal(source);
    await withSftp(context, connectionOf(inputs), (sftp) =>
      sendFile(sftp, source, String(inputs.remotePath)),
    );
    return { id: uniqueId(""), outputs: {} };
  },
};

function transfer(context: Context, inputs: Props): Promise<void> {
  const { source } = inputs;
  const { path, text } = isObject(source) ? source : {};
  const target = String(inputs.remotePath);
  return withSftp(context, connectionOf(inputs), (sftp) =>
    typeof path === "string" && path !== ""
      ? copyPath(sftp, path, target)
      : copyText(sftp, String(text ?? ""), target),
  );
}

function connectionOf(inputs: Props): Connection {
  // Check has seen to the types.
  return inputs.connection as unknown as Connection;
}

function sourceFaults(source: Value | undefined): Failure[] {
  const fault = (property: string, reason: string) => [{ property, reason }];
  if (source === UNKNOWN || !isSet(source)) return [];
  if (isAsset(source))
    return isSet(source.uri) && source.uri !== ""
      ? fault("asset", "asset must be a path-based file asset or a text asset")
      : [];
  if (isArchive(source))
    return isSet(source.path) && source.path !== ""
      ? []
      : fault("archive", "archive must be a path to a file or directory");
  return fault("asset", "either asset or archive must be set");
}

function hashOf({ source }: Props): Value | undefined {
  return isObject(source) ? source.hash : undefined;
}
