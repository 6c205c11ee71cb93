import type { z } from "zod";
import type { Calls } from "./calls.ts";
import { LostCreations } from "./find-lost.ts";
import { sameText } from "./likeness.ts";
import type { CallOptions, Operation, OperationName } from "./operation.ts";
import { checkedInput } from "./parse.ts";
import { deleteRecord, getRequest, mergeInto, newestOfMine } from "./records.ts";
import {
  type Asset,
  type AssetCreate,
  type AssetFilter,
  type AssetQuery,
  type AssetUpdate,
  assetCreateIn,
  assetFilterIn,
  assetOut,
  assetQueryIn,
  assetUpdateIn,
} from "./schemas/asset.ts";
import { idIn } from "./schemas/fields.ts";
import type { Page } from "./schemas/page.ts";
import {
  everyRecord,
  type FilterField,
  notArchived,
  refersTo,
  searchPage,
  searchRequest,
  textFilter,
} from "./search.ts";
import type { AtlasRequest } from "./sender.ts";
import { escapeText } from "./text.ts";

const PATH = "/assets";
const SEARCH = `${PATH}/search`;

/** Assets (atlas-api 9). All methods reject with a subclass of AtlasError. */
export class Assets {
  readonly #calls: Calls;
  readonly #creations: LostCreations<Asset>;

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#creations = new LostCreations(calls.clock);
  }

  /**
   * Makes an asset, once: a lost answer is resolved by looking for the asset, never by sending again.
   * @throws AtlasLicenseError at 50 assets without a licence, and for a `parentAsset`.
   */
  async create(input: AssetCreate, options: CallOptions = {}): Promise<Asset> {
    const name: OperationName = { name: "assets.create", doing: "create the asset" };
    return this.#calls.run(name, options, (operation) => {
      const body = checkedInput(assetCreateIn, input, name);
      const request: AtlasRequest = { method: "POST", path: PATH, body, repeatable: false };
      const since = this.#calls.clock.now();
      return this.#creations.create(
        {
          key: body.name,
          create: () => this.#calls.fetch(operation, request, assetOut),
          lookFor: () => this.#lookAlikes(operation, body, since),
        },
        operation.signal,
      );
    });
  }

  /** @throws AtlasNotFoundError */
  async get(id: number, options: CallOptions = {}): Promise<Asset> {
    const name = naming("get", id);
    return this.#calls.run(name, options, (operation) =>
      this.#calls.fetch(operation, getRequest(pathOf(id, name)), assetOut),
    );
  }

  /** Changes what `changes` names and nothing else: reads, merges, writes back whole (see WorkOrders.update). */
  async update(id: number, changes: AssetUpdate, options: CallOptions = {}): Promise<Asset> {
    const name = naming("update", id);
    return this.#calls.run(name, options, (operation) => {
      const path = pathOf(id, name);
      return mergeInto(this.#calls, operation, path, checkedInput(assetUpdateIn, changes, name), assetOut);
    });
  }

  /** One page of the assets that match, by id unless `sort` says otherwise; archived ones only when asked for. */
  async list(query: AssetQuery = {}, options: CallOptions = {}): Promise<Page<Asset>> {
    return this.#page({ name: "assets.list", doing: "list the assets" }, query, options);
  }

  /** One page of the assets with `text` in name, customId, serial number, bar code or description. */
  async search(
    text: string,
    query: Omit<AssetQuery, "text"> = {},
    options: CallOptions = {},
  ): Promise<Page<Asset>> {
    return this.#page({ name: "assets.search", doing: "search the assets" }, { ...query, text }, options);
  }

  /** All assets that match, in the order of their ids; pages are fetched as they are needed. */
  iterate(filter: AssetFilter = {}, options: CallOptions = {}): AsyncGenerator<Asset, void, undefined> {
    const name: OperationName = { name: "assets.iterate", doing: "go through the assets" };
    return everyRecord(filter.pageSize, (beyond, paging) =>
      this.#calls.run(name, options, (operation) => {
        const filters = assetFilters(checkedInput(assetFilterIn, filter, name));
        const request = searchRequest(SEARCH, [...filters, ...beyond], paging);
        return searchPage(this.#calls, operation, request, assetOut);
      }),
    );
  }

  /** Deletes the asset for good; its work orders stay, without an asset. @throws AtlasNotFoundError */
  async delete(id: number, options: CallOptions = {}): Promise<void> {
    const name = naming("delete", id);
    await this.#calls.run(name, options, (operation) =>
      deleteRecord(this.#calls, operation, pathOf(id, name)),
    );
  }

  #page(name: OperationName, query: AssetQuery, options: CallOptions): Promise<Page<Asset>> {
    return this.#calls.run(name, options, (operation) => {
      const { page, pageSize, sort, ...filter } = checkedInput(assetQueryIn, query, name);
      const request = searchRequest(SEARCH, assetFilters(filter), { page, pageSize, sort });
      return searchPage(this.#calls, operation, request, assetOut);
    });
  }

  async #lookAlikes(
    operation: Operation,
    wanted: z.output<typeof assetCreateIn>,
    since: number,
  ): Promise<Asset[]> {
    const made = await newestOfMine(this.#calls, operation, SEARCH, assetOut, since);
    return made
      .filter((asset) => sameText(asset.name, wanted.name) && sameText(asset.description, wanted.description))
      .filter((asset) => sameText(asset.serialNumber, wanted.serialNumber))
      .filter((asset) => asset.location?.id === wanted.location?.id);
  }
}

function assetFilters(filter: z.output<typeof assetFilterIn>): FilterField[] {
  return [
    filter.text !== undefined && inNameAndOthers(filter.text),
    filter.location && refersTo("location", filter.location),
    filter.includeArchived !== true && notArchived,
  ].filter((field) => typeof field === "object");
}

function inNameAndOthers(text: string): FilterField {
  const stored = escapeText(text);
  return textFilter({
    name: stored,
    customId: text,
    serialNumber: stored,
    barCode: text,
    description: stored,
  });
}

function pathOf(id: number, name: OperationName): string {
  return `${PATH}/${checkedInput(idIn, id, name)}`;
}

function naming(verb: "get" | "update" | "delete", id: number): OperationName {
  return { name: `assets.${verb}`, doing: `${verb} asset ${id}` };
}
