import type { z } from "zod";
import type { Calls } from "./calls.ts";
import { AtlasValidationError } from "./errors.ts";
import { LostCreations } from "./find-lost.ts";
import type { CallOptions, OperationName } from "./operation.ts";
import { checkedInput } from "./parse.ts";
import { deleteRecord, getRequest, mergeInto, newestOfMine } from "./records.ts";
import { idIn } from "./schemas/fields.ts";
import type { Page } from "./schemas/page.ts";
import { everyRecord, type FilterField, type Paging, searchRequest } from "./search.ts";
import type { AtlasRequest } from "./sender.ts";
import { escapeText } from "./text.ts";

/** The types of one kind of record: as callers give and get it, and as it is sent. */
export interface ResourceTypes {
  out: { id: number };
  create: unknown;
  /** What a checked `create` is sent as. */
  body: object;
  update: unknown;
  list: unknown;
  iterate: { readonly pageSize?: number | undefined };
  /** A checked `list` or `iterate` without its paging. */
  filter: object;
}

/** What is particular to one kind of record. */
export interface Kind<T extends ResourceTypes> {
  /** In the names of operations (`locations.create`) and, with `one` and `many`, in sentences for people. */
  readonly name: string;
  readonly one: string;
  readonly many: string;
  readonly path: string;
  readonly out: z.ZodType<T["out"]>;
  readonly page: z.ZodType<Page<T["out"]>>;
  readonly createIn: z.ZodType<T["body"], T["create"]>;
  readonly updateIn: z.ZodType<object, T["update"]>;
  readonly listIn: z.ZodType<T["filter"] & Paging, T["list"]>;
  readonly iterateIn: z.ZodType<T["filter"], T["iterate"]>;
  filters(filter: T["filter"]): FilterField[];
  /** The field that people call a record by, with its value in a body: what a lost create is looked for by. */
  label(body: T["body"]): { readonly field: string; readonly value: string };
  /** Could this record have come of that body? */
  alike(found: T["out"], body: T["body"]): boolean;
}

/** What all kinds of records with a search can do. All methods reject with a subclass of AtlasError. */
export abstract class Resource<T extends ResourceTypes> {
  // Private, so that no inspection of a resource shows the client's settings.
  readonly #calls: Calls;
  readonly #kind: Kind<T>;
  readonly #creations: LostCreations<T["out"]>;

  constructor(calls: Calls, kind: Kind<T>) {
    this.#calls = calls;
    this.#kind = kind;
    this.#creations = new LostCreations(calls.clock);
  }

  /**
   * Makes a record, once: a lost answer is resolved by looking for the record, never by sending again.
   * @throws AtlasLicenseError at a limit of the licence.
   */
  async create(input: T["create"], options: CallOptions = {}): Promise<T["out"]> {
    const { createIn, path, out, page, label, alike, one } = this.#kind;
    const name = this.naming("create", `create the ${one}`);
    return this.#calls.run(name, options, (operation) => {
      const body = checkedInput(createIn, input, name);
      const request: AtlasRequest = { method: "POST", path, body, repeatable: false };
      const since = this.#calls.clock.now();
      const { field, value } = label(body);
      const same: FilterField = { field, operation: "eq", value };
      return this.#creations.create(
        {
          key: value,
          create: () => this.#calls.fetch(operation, request, out),
          lookFor: async () => {
            const made = await newestOfMine(this.#calls, operation, this.#search, page, [same], since);
            return made.filter((found) => alike(found, body));
          },
        },
        operation.signal,
      );
    });
  }

  /** @throws AtlasNotFoundError */
  async get(id: number, options: CallOptions = {}): Promise<T["out"]> {
    const name = this.namingOne("get", id);
    return this.#calls.run(name, options, (operation) =>
      this.#calls.fetch(operation, getRequest(this.pathOf(id, name)), this.#kind.out),
    );
  }

  /**
   * Changes what `changes` names and nothing else, although the API's PATCH resets all it is not told: reads the
   * record, merges, writes it back whole. Between the two, somebody else's change is lost (the API has no versions).
   */
  async update(id: number, changes: T["update"], options: CallOptions = {}): Promise<T["out"]> {
    const name = this.namingOne("update", id);
    return this.#calls.run(name, options, (operation) => {
      const path = this.pathOf(id, name);
      const checked = checkedInput(this.#kind.updateIn, changes, name);
      return mergeInto(this.#calls, operation, path, checked, this.#kind.out);
    });
  }

  /** One page of the records that match, by id unless `sort` says otherwise; archived ones only when asked for. */
  list(query?: T["list"], options: CallOptions = {}): Promise<Page<T["out"]>> {
    return this.#page(this.naming("list", `list the ${this.#kind.many}`), query ?? {}, options);
  }

  /** One page of the records with `text` in one of their texts (see `text` of the query). */
  search(text: string, query?: Omit<T["list"], "text">, options: CallOptions = {}): Promise<Page<T["out"]>> {
    return this.#page(this.naming("search", `search the ${this.#kind.many}`), { ...query, text }, options);
  }

  /**
   * All records that match, in the order of their ids; pages are fetched as they are needed.
   * @example for await (const order of client.workOrders.iterate({ status: "OPEN" })) { … }
   */
  iterate(filter?: T["iterate"], options: CallOptions = {}): AsyncGenerator<T["out"], void, undefined> {
    const { iterateIn, filters, page, many } = this.#kind;
    const name = this.naming("iterate", `go through the ${many}`);
    return everyRecord(filter?.pageSize, (beyond, paging) =>
      this.#calls.run(name, options, (operation) => {
        const conditions = filters(checkedInput(iterateIn, filter ?? {}, name));
        const request = searchRequest(this.#search, [...conditions, ...beyond], paging);
        return this.#calls.fetch(operation, request, page);
      }),
    );
  }

  /** Deletes the record for good. @throws AtlasNotFoundError */
  async delete(id: number, options: CallOptions = {}): Promise<void> {
    const name = this.namingOne("delete", id);
    await this.#calls.run(name, options, (operation) =>
      deleteRecord(this.#calls, operation, this.pathOf(id, name)),
    );
  }

  protected get calls(): Calls {
    return this.#calls;
  }

  protected pathOf(id: number, name: OperationName): string {
    return `${this.#kind.path}/${checkedInput(idIn, id, name)}`;
  }

  protected naming(verb: string, doing: string): OperationName {
    return { name: `${this.#kind.name}.${verb}`, doing };
  }

  protected namingOne(verb: string, id: number): OperationName {
    return this.naming(verb, `${verb} ${this.#kind.one} ${id}`);
  }

  /** The one record of that very name. @throws AtlasValidationError when there are several, naming their ids. */
  protected named(recordName: string, options: CallOptions): Promise<T["out"] | undefined> {
    const { page, one } = this.#kind;
    const name = this.naming("findByName", `find the ${one} "${recordName}"`);
    return this.#calls.run(name, options, async (operation) => {
      const same: FilterField = { field: "name", operation: "eq", value: escapeText(recordName) };
      const { content } = await this.#calls.fetch(operation, searchRequest(this.#search, [same], {}), page);
      if (content.length <= 1) return content[0];
      const ids = content.map(({ id }) => id).join(", ");
      throw new AtlasValidationError(
        `Could not ${name.doing}: several have that name (ids ${ids}). Refer to it by its id.`,
        { operation: name.name, outcome: "none" },
      );
    });
  }

  get #search(): string {
    return `${this.#kind.path}/search`;
  }

  #page(name: OperationName, query: unknown, options: CallOptions): Promise<Page<T["out"]>> {
    return this.#calls.run(name, options, (operation) => {
      const { page, pageSize, sort, ...filter } = checkedInput(this.#kind.listIn, query, name);
      const request = searchRequest(this.#search, this.#kind.filters(filter), { page, pageSize, sort });
      return this.#calls.fetch(operation, request, this.#kind.page);
    });
  }
}
