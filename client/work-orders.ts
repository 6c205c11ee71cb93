import type { z } from "zod";
import type { Calls } from "./calls.ts";
import { sameText } from "./likeness.ts";
import type { CallOptions, Operation, OperationName } from "./operation.ts";
import { checkedInput } from "./parse.ts";
import { getRequest, storedOut } from "./records.ts";
import { type Kind, Resource } from "./resource.ts";
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
  workOrderPageOut,
  workOrderQueryIn,
  workOrderUpdateIn,
} from "./schemas/work-order.ts";
import type { AtlasRequest } from "./sender.ts";
import { workOrderFilters } from "./work-order-filters.ts";

interface Types {
  out: WorkOrder;
  create: WorkOrderCreate;
  body: z.output<typeof workOrderCreateIn>;
  update: WorkOrderUpdate;
  list: WorkOrderQuery;
  iterate: WorkOrderFilter;
  filter: z.output<typeof workOrderFilterIn>;
}

const KIND: Kind<Types> = {
  name: "workOrders",
  one: "work order",
  many: "work orders",
  path: "/work-orders",
  out: workOrderOut,
  page: workOrderPageOut,
  createIn: workOrderCreateIn,
  updateIn: workOrderUpdateIn,
  listIn: workOrderQueryIn,
  iterateIn: workOrderFilterIn,
  filters: workOrderFilters,
  label: ({ title }) => ({ field: "title", value: title }),
  alike: (order, body) =>
    sameText(order.title, body.title) &&
    sameText(order.description, body.description) &&
    order.priority === (body.priority ?? "NONE") &&
    (order.dueDate ?? undefined) === body.dueDate &&
    order.asset?.id === body.asset?.id &&
    order.primaryUser?.id === body.primaryUser?.id,
};

/**
 * Work orders (atlas-api 8). Without a licence 30 may be incomplete at a time; a further `create` is an
 * AtlasLicenseError.
 */
export class WorkOrders extends Resource<Types> {
  constructor(calls: Calls) {
    super(calls, KIND);
  }

  /**
   * Sets the status; feedback stays unless given, although the API would clear it.
   * @throws AtlasNotFoundError, where the API itself would answer 500.
   */
  async changeStatus(id: number, change: StatusChange, options: CallOptions = {}): Promise<WorkOrder> {
    const name = this.naming("changeStatus", `change the status of work order ${id}`);
    return this.calls.run(name, options, (operation) => this.#changeStatus(name, operation, id, change));
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
    const name = this.namingOne("complete", id);
    const change: StatusChange = { status: "COMPLETE", ...completion };
    return this.calls.run(name, options, (operation) => this.#changeStatus(name, operation, id, change));
  }

  async #changeStatus(
    name: OperationName,
    operation: Operation,
    id: number,
    change: StatusChange,
  ): Promise<WorkOrder> {
    const path = this.pathOf(id, name);
    const { status, feedback } = checkedInput(statusChangeIn, change, name);
    const get = getRequest(path);
    const answer = await this.calls.answer(operation, get);
    const stored = this.calls.read(operation, get, answer, storedOut);
    const kept = feedback === undefined ? (stored.feedback ?? null) : feedback;
    if (status === "COMPLETE" && stored.status === status && stored.feedback === kept) {
      return this.calls.read(operation, get, answer, workOrderOut);
    }
    const request: AtlasRequest = {
      method: "PATCH",
      path: `${path}/change-status`,
      body: { status, ...(kept !== null && { feedback: kept }) },
      repeatable: false,
    };
    return this.calls.fetch(operation, request, workOrderOut);
  }
}
