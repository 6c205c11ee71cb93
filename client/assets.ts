import { z } from "zod";
import type { Calls } from "./calls.ts";
import { LostCreations } from "./find-lost.ts";
import { madeSince, sameText } from "./likeness.ts";
import type { CallOptions, Operation, OperationName } from "./operation.ts";
import { checkedInput } from "./parse.ts";
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
import { idIn, successOut } from "./schemas/fields.ts";
import type { Page } from "./schemas/page.ts";
import { userOut } from "./schemas/user.ts";
import { everyRecord, type FilterField, searchPage, searchRequest, textFilter } from "./search.ts";
import type { AtlasRequest } from "./sender.ts";
import { escapeText } from "./text.ts";
import { notArchived, refersTo } from "./work-order-filters.ts";

const PATH = "/assets";
const SEARCH = `${PATH}/search`;
const rawRecord = z.record(z.string(), z.unknown());

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
      this.#calls.fetch(operation, getRequest(checkedInput(idIn, id, name)), assetOut),
    );
  }

  /** Changes what `changes` names and nothing else: reads, merges, writes back whole (see WorkOrders.update). */
  async update(id: number, changes: AssetUpdate, options: CallOptions = {}): Promise<Asset> {
    const name = naming("update", id);
    return this.#calls.run(name, options, async (operation) => {
      const get = getRequest(checkedInput(idIn, id, name));
      const patch = checkedInput(assetUpdateIn, changes, name);
      const stored = await this.#calls.fetch(operation, get, rawRecord);
      const body = { ...stored, ...patch };
      const request: AtlasRequest = { method: "PATCH", path: get.path, body, repeatable: false };
      return this.#calls.fetch(operation, request, assetOut);
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
    return everyRecord((beyond, paging) =>
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
    await this.#calls.run(name, options, (operation) => {
      const path = `${PATH}/${checkedInput(idIn, id, name)}`;
      return this.#calls.fetch(operation, { method: "DELETE", path, repeatable: false }, successOut);
    });
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
    const meRequest: AtlasRequest = { method: "GET", path: "/auth/me", repeatable: true };
    const me = await this.#calls.fetch(operation, meRequest, userOut);
    const newest = searchRequest(SEARCH, [], { sort: { by: "id", direction: "DESC" } });
    const { content } = await searchPage(this.#calls, operation, newest, assetOut);
    const offset = this.#calls.session.clockOffsetMs;
    return content
      .filter((asset) => asset.createdBy === me.id && madeSince(asset.createdAt, since, offset))
      .filter((asset) => sameText(asset.name, wanted.name) && sameText(asset.description, wanted.description))
      .filter((asset) => sameText(asset.serialNumber, wanted.serialNumber))
      .filter((asset) => asset.location?.id === wanted.location?.id)
      .reverse();
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

function getRequest(id: number): AtlasRequest {
  return { method: "GET", path: `${PATH}/${id}`, repeatable: true };
}

function naming(verb: "get" | "update" | "delete", id: number): OperationName {
  return { name: `assets.${verb}`, doing: `${verb} asset ${id}` };
}
