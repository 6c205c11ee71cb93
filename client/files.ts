import type { z } from "zod";
import type { Calls } from "./calls.ts";
import { AtlasSchemaError } from "./errors.ts";
import { LostCreations } from "./find-lost.ts";
import { type CallOptions, type Operation, type OperationName, trailDetails } from "./operation.ts";
import { checkedInput } from "./parse.ts";
import { deleteRecord, getRequest, newestOfMine } from "./records.ts";
import { idIn } from "./schemas/fields.ts";
import {
  type File,
  type FileQuery,
  type FileUpload,
  fileOut,
  filePageOut,
  fileQueryIn,
  fileUploadIn,
  uploadedOut,
} from "./schemas/file.ts";
import type { Page } from "./schemas/page.ts";
import { type FilterField, searchRequest, textFilter } from "./search.ts";
import type { AtlasRequest } from "./sender.ts";

const PATH = "/files";
const SEARCH = `${PATH}/search`;

/**
 * Files, which work orders and assets refer to (upstream FileController). They need a licence and an object store: without
 * the one `upload` is an AtlasLicenseError, without the other an AtlasApiError (500). Atlas takes 20 uploads a minute and
 * 200 an hour of a user.
 */
export class Files {
  readonly #calls: Calls;
  readonly #creations: LostCreations<File>;

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#creations = new LostCreations(calls.clock);
  }

  /**
   * Uploads one file, once: a lost answer is resolved by looking for it (a hidden one cannot be found), never by sending
   * again. Refer to it by `files` of a work order.
   */
  async upload(input: FileUpload, options: CallOptions = {}): Promise<File> {
    const name: OperationName = { name: "files.upload", doing: "upload the file" };
    return this.#calls.run(name, options, async (operation) => {
      const wanted = checkedInput(fileUploadIn, input, name);
      const request = await uploadRequest(wanted);
      const since = this.#calls.clock.now();
      const same: FilterField = { field: "name", operation: "eq", value: wanted.name };
      return this.#creations.create(
        {
          key: wanted.name,
          create: () => this.#send(operation, request),
          lookFor: () => newestOfMine(this.#calls, operation, SEARCH, filePageOut, [same], since),
        },
        operation.signal,
      );
    });
  }

  /** @throws AtlasNotFoundError */
  async get(id: number, options: CallOptions = {}): Promise<File> {
    const name = naming("get", id);
    return this.#calls.run(name, options, (operation) =>
      this.#calls.fetch(operation, getRequest(pathOf(id, name)), fileOut),
    );
  }

  /** One page of the files that are not hidden. */
  async list(query: FileQuery = {}, options: CallOptions = {}): Promise<Page<File>> {
    const name: OperationName = { name: "files.list", doing: "list the files" };
    return this.#calls.run(name, options, (operation) => {
      const { text, ...paging } = checkedInput(fileQueryIn, query, name);
      const filters = text === undefined ? [] : [textFilter({ name: text })];
      return this.#calls.fetch(operation, searchRequest(SEARCH, filters, paging), filePageOut);
    });
  }

  /** Deletes the record; its content stays in the object store, as Atlas leaves it there. @throws AtlasNotFoundError */
  async delete(id: number, options: CallOptions = {}): Promise<void> {
    const name = naming("delete", id);
    await this.#calls.run(name, options, (operation) =>
      deleteRecord(this.#calls, operation, pathOf(id, name)),
    );
  }

  async #send(operation: Operation, request: AtlasRequest): Promise<File> {
    const [file] = await this.#calls.fetch(operation, request, uploadedOut);
    if (file !== undefined) return file;
    throw new AtlasSchemaError(
      `Could not ${operation.doing}: Atlas answered with an empty list in place of the file. Look whether it is there (files.list).`,
      {
        ...trailDetails(operation, request),
        mismatch: { path: "0", expected: "object", received: "missing" },
      },
    );
  }
}

/** The form that Atlas reads; `folder` is where in the bucket the content goes, newer versions choose it themselves. */
async function uploadRequest(wanted: z.output<typeof fileUploadIn>): Promise<AtlasRequest> {
  const { name, content, contentType, hidden } = wanted;
  const form = new FormData();
  form.append("files", new Blob([new Uint8Array(content)], { type: contentType }), name);
  form.append("folder", "uploads");
  form.append("hidden", String(hidden));
  form.append("type", wanted.type ?? (contentType.startsWith("image/") ? "IMAGE" : "OTHER"));
  const encoded = new Response(form);
  return {
    method: "POST",
    path: `${PATH}/upload`,
    body: new Uint8Array(await encoded.arrayBuffer()),
    headers: { "content-type": encoded.headers.get("content-type") ?? "multipart/form-data" },
    repeatable: false,
  };
}

function pathOf(id: number, name: OperationName): string {
  return `${PATH}/${checkedInput(idIn, id, name)}`;
}

function naming(verb: "get" | "delete", id: number): OperationName {
  return { name: `files.${verb}`, doing: `${verb} file ${id}` };
}
