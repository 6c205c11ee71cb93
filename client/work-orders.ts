import type { z } from "zod";
import type { Calls } from "./calls.ts";
import { LostCreations } from "./find-lost.ts";
import { sameText } from "./likeness.ts";
import type { CallOptions, Operation, OperationName } from "./operation.ts";
import { checkedInput } from "./parse.ts";
import { deleteRecord, getRequest, mergeInto, newestOfMine, storedOut } from "./records.ts";
import { idIn } from "./schemas/fields.ts";
import type { Page } from "./schemas/page.ts";
import {
  type StatusChange,
  statusChangeIn,
  type WorkOrder,
  type WorkOrderCreate,
  type WorkOrderFilter,
  type WorkOrderQuery,
  type WorkOrderUpdate,
  workOrderCreateIn,
  workOrderFilterIn,
  workOrderOut,
  workOrderQueryIn,
  workOrderUpdateIn,
} from "./schemas/work-order.ts";
import { everyRecord, searchPage, searchRequest } from "./search.ts";
import type { AtlasRequest } from "./sender.ts";
import { workOrderFilters } from "./work-order-filters.ts";

const PATH = "/work-orders";
const SEARCH = `${PATH}/search`;

/** Work orders (atlas-api 8). All methods reject with a subclass of AtlasError. */
export class WorkOrders {
  readonly #calls: Calls;
  readonly #creations: LostCreations<WorkOrder>;

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#creations = new LostCreations(calls.clock);
  }

  /**
   * Makes a work order, once: a lost answer is resolved by looking for the order, never by sending again.
   * @throws AtlasLicenseError at 30 incomplete orders without a licence.
   */
  async create(input: WorkOrderCreate, options: CallOptions = {}): Promise<WorkOrder> {
    const name: OperationName = { name: "workOrders.create", doing: "create the work order" };
    return this.#calls.run(name, options, (operation) => {
      const body = checkedInput(workOrderCreateIn, input, name);
      const request: AtlasRequest = { method: "POST", path: PATH, body, repeatable: false };
      const since = this.#calls.clock.now();
      return this.#creations.create(
        {
          key: body.title,
          create: () => this.#calls.fetch(operation, request, workOrderOut),
          lookFor: () => this.#lookAlikes(operation, body, since),
        },
        operation.signal,
      );
    });
  }

  /** @throws AtlasNotFoundError */
  async get(id: number, options: CallOptions = {}): Promise<WorkOrder> {
    const name = naming("get", id);
    return this.#calls.run(name, options, (operation) => {
      const request = getRequest(pathOf(id, name));
      return this.#calls.fetch(operation, request, workOrderOut);
    });
  }

  /**
   * Changes what `changes` names and nothing else, although the API's PATCH resets all it is not told: reads the
   * order, merges, writes it back whole. Between the two, somebody else's change is lost (the API has no versions).
   */
  async update(id: number, changes: WorkOrderUpdate, options: CallOptions = {}): Promise<WorkOrder> {
    const name = naming("update", id);
    return this.#calls.run(name, options, (operation) => {
      const path = pathOf(id, name);
      return mergeInto(
        this.#calls,
        operation,
        path,
        checkedInput(workOrderUpdateIn, changes, name),
        workOrderOut,
      );
    });
  }

  /** One page of the orders that match, by id unless `sort` says otherwise; archived ones only when asked for. */
  async list(query: WorkOrderQuery = {}, options: CallOptions = {}): Promise<Page<WorkOrder>> {
    const name: OperationName = { name: "workOrders.list", doing: "list the work orders" };
    return this.#page(name, query, options);
  }

  /** One page of the orders with `text` in title, description or customId. */
  async search(
    text: string,
    query: Omit<WorkOrderQuery, "text"> = {},
    options: CallOptions = {},
  ): Promise<Page<WorkOrder>> {
    const name: OperationName = { name: "workOrders.search", doing: "search the work orders" };
    return this.#page(name, { ...query, text }, options);
  }

  /**
   * All orders that match, in the order of their ids; pages are fetched as they are needed.
   * @example for await (const order of client.workOrders.iterate({ status: "OPEN" })) { … }
   */
  iterate(
    filter: WorkOrderFilter = {},
    options: CallOptions = {},
  ): AsyncGenerator<WorkOrder, void, undefined> {
    const name: OperationName = { name: "workOrders.iterate", doing: "go through the work orders" };
    return everyRecord(filter.pageSize, (beyond, paging) =>
      this.#calls.run(name, options, (operation) => {
        const filters = workOrderFilters(checkedInput(workOrderFilterIn, filter, name));
        return searchPage(
          this.#calls,
          operation,
          searchRequest(SEARCH, [...filters, ...beyond], paging),
          workOrderOut,
        );
      }),
    );
  }

  /**
   * Sets the status; feedback stays unless given, although the API would clear it.
   * @throws AtlasNotFoundError, where the API itself would answer 500.
   */
  async changeStatus(id: number, change: StatusChange, options: CallOptions = {}): Promise<WorkOrder> {
    const name: OperationName = {
      name: "workOrders.changeStatus",
      doing: `change the status of work order ${id}`,
    };
    return this.#calls.run(name, options, (operation) => this.#changeStatus(name, operation, id, change));
  }

  /**
   * Completes the order. One that is complete already stays as it is (with its date of completion) unless the
   * feedback differs, so this may be repeated after a lost answer.
   */
  async complete(
    id: number,
    completion: { readonly feedback?: string | null } = {},
    options: CallOptions = {},
  ): Promise<WorkOrder> {
    const name = naming("complete", id);
    const change: StatusChange = { status: "COMPLETE", ...completion };
    return this.#calls.run(name, options, (operation) => this.#changeStatus(name, operation, id, change));
  }

  /** Deletes the order for good. @throws AtlasNotFoundError */
  async delete(id: number, options: CallOptions = {}): Promise<void> {
    const name = naming("delete", id);
    await this.#calls.run(name, options, (operation) =>
      deleteRecord(this.#calls, operation, pathOf(id, name)),
    );
  }

  #page(name: OperationName, query: WorkOrderQuery, options: CallOptions): Promise<Page<WorkOrder>> {
    return this.#calls.run(name, options, (operation) => {
      const { page, pageSize, sort, ...filter } = checkedInput(workOrderQueryIn, query, name);
      const request = searchRequest(SEARCH, workOrderFilters(filter), { page, pageSize, sort });
      return searchPage(this.#calls, operation, request, workOrderOut);
    });
  }

  async #changeStatus(
    name: OperationName,
    operation: Operation,
    id: number,
    change: StatusChange,
  ): Promise<WorkOrder> {
    const path = pathOf(id, name);
    const { status, feedback } = checkedInput(statusChangeIn, change, name);
    const get = getRequest(path);
    const answer = await this.#calls.answer(operation, get);
    const stored = this.#calls.read(operation, get, answer, storedOut);
    const kept = feedback === undefined ? (stored.feedback ?? null) : feedback;
    if (status === "COMPLETE" && stored.status === status && stored.feedback === kept) {
      return this.#calls.read(operation, get, answer, workOrderOut);
    }
    const request: AtlasRequest = {
      method: "PATCH",
      path: `${path}/change-status`,
      body: { status, ...(kept !== null && { feedback: kept }) },
      repeatable: false,
    };
    return this.#calls.fetch(operation, request, workOrderOut);
  }

  async #lookAlikes(
    operation: Operation,
    wanted: z.output<typeof workOrderCreateIn>,
    since: number,
  ): Promise<WorkOrder[]> {
    const made = await newestOfMine(this.#calls, operation, SEARCH, workOrderOut, since);
    return made
      .filter(
        (order) => sameText(order.title, wanted.title) && sameText(order.description, wanted.description),
      )
      .filter((order) => order.priority === (wanted.priority ?? "NONE"))
      .filter((order) => (order.dueDate ?? undefined) === wanted.dueDate)
      .filter(
        (order) => order.asset?.id === wanted.asset?.id && order.primaryUser?.id === wanted.primaryUser?.id,
      );
  }
}

function pathOf(id: number, name: OperationName): string {
  return `${PATH}/${checkedInput(idIn, id, name)}`;
}

function naming(verb: "get" | "update" | "complete" | "delete", id: number): OperationName {
  return { name: `workOrders.${verb}`, doing: `${verb} work order ${id}` };
}
