import type { Calls } from "./calls.ts";
import { LostCreations } from "./find-lost.ts";
import { madeSince, sameText } from "./likeness.ts";
import type { CallOptions, Operation, OperationName } from "./operation.ts";
import { checkedInput } from "./parse.ts";
import { deleteRecord, getRequest, mergeInto, signedInUserId } from "./records.ts";
import {
  type Category,
  type CategoryCreate,
  type CategoryUpdate,
  categoriesOut,
  categoryCreateIn,
  categoryOut,
  categoryUpdateIn,
} from "./schemas/category.ts";
import { idIn } from "./schemas/fields.ts";
import type { AtlasRequest } from "./sender.ts";

const PATH = "/work-order-categories";

/**
 * Categories of work orders (upstream WorkOrderCategoryController). The API knows neither pages nor a search of them;
 * their names are unique in an organisation, whatever the capitals.
 */
export class Categories {
  readonly #calls: Calls;
  readonly #creations: LostCreations<Category>;

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#creations = new LostCreations(calls.clock);
  }

  /** All of the organisation, in the order of their ids. */
  async list(options: CallOptions = {}): Promise<Category[]> {
    const name: OperationName = { name: "categories.list", doing: "list the categories of work orders" };
    return this.#calls.run(name, options, (operation) => this.#all(operation));
  }

  /** The category of that name, whatever the capitals; undefined when there is none. */
  async findByName(categoryName: string, options: CallOptions = {}): Promise<Category | undefined> {
    const name: OperationName = {
      name: "categories.findByName",
      doing: `find the category "${categoryName}"`,
    };
    return this.#calls.run(name, options, async (operation) => {
      const wanted = categoryName.toLowerCase();
      return (await this.#all(operation)).find((category) => category.name.toLowerCase() === wanted);
    });
  }

  /** @throws AtlasNotFoundError */
  async get(id: number, options: CallOptions = {}): Promise<Category> {
    const name = naming("get", id);
    return this.#calls.run(name, options, (operation) =>
      this.#calls.fetch(operation, getRequest(pathOf(id, name)), categoryOut),
    );
  }

  /**
   * Makes a category, once: a lost answer is resolved by looking for it, never by sending again.
   * @throws AtlasValidationError (406) when there is one of that name.
   */
  async create(input: CategoryCreate, options: CallOptions = {}): Promise<Category> {
    const name: OperationName = { name: "categories.create", doing: "create the category" };
    return this.#calls.run(name, options, (operation) => {
      const body = checkedInput(categoryCreateIn, input, name);
      const request: AtlasRequest = { method: "POST", path: PATH, body, repeatable: false };
      const since = this.#calls.clock.now();
      return this.#creations.create(
        {
          key: body.name,
          create: () => this.#calls.fetch(operation, request, categoryOut),
          lookFor: async () =>
            (await this.#mineSince(operation, since)).filter((found) => sameText(found.name, body.name)),
        },
        operation.signal,
      );
    });
  }

  /** Changes what `changes` names and nothing else (see Resource.update). */
  async update(id: number, changes: CategoryUpdate, options: CallOptions = {}): Promise<Category> {
    const name = naming("update", id);
    return this.#calls.run(name, options, (operation) => {
      const path = pathOf(id, name);
      return mergeInto(
        this.#calls,
        operation,
        path,
        checkedInput(categoryUpdateIn, changes, name),
        categoryOut,
      );
    });
  }

  /** Deletes the category for good. @throws AtlasNotFoundError */
  async delete(id: number, options: CallOptions = {}): Promise<void> {
    const name = naming("delete", id);
    await this.#calls.run(name, options, (operation) =>
      deleteRecord(this.#calls, operation, pathOf(id, name)),
    );
  }

  async #all(operation: Operation): Promise<Category[]> {
    const categories = await this.#calls.fetch(operation, getRequest(PATH), categoriesOut);
    return categories.sort((one, other) => one.id - other.id);
  }

  async #mineSince(operation: Operation, since: number): Promise<Category[]> {
    const me = await signedInUserId(this.#calls, operation);
    const offset = this.#calls.session.clockOffsetMs;
    return (await this.#all(operation)).filter(
      ({ createdBy, createdAt }) => createdBy === me && madeSince(createdAt, since, offset),
    );
  }
}

function pathOf(id: number, name: OperationName): string {
  return `${PATH}/${checkedInput(idIn, id, name)}`;
}

function naming(verb: "get" | "update" | "delete", id: number): OperationName {
  return { name: `categories.${verb}`, doing: `${verb} category ${id}` };
}
