import { beforeAll, describe, expect, test } from "vitest";
import {
  AtlasApiError,
  AtlasNotFoundError,
  AtlasValidationError,
  type User,
  type WorkOrder,
} from "../../client/index.ts";
import { client, idsOf, newClient, rejection, titled, traffic } from "./atlas.ts";
import { losingFirstReply } from "./lost-reply.ts";

describe("work orders", () => {
  let me: User;

  beforeAll(async () => {
    me = await client.me();
  });

  describe("creating", () => {
    test("needs a title only, and the order can be got", async () => {
      const made = await client.workOrders.create({ title: titled("plain") });
      expect(made).toMatchObject({
        title: titled("plain"),
        status: "OPEN",
        priority: "NONE",
        description: null,
        asset: null,
        createdBy: me.id,
        customId: expect.stringMatching(/^WO\d+$/),
      });
      const { updatedAt: _made, ...same } = made;
      await expect(client.workOrders.get(made.id)).resolves.toMatchObject(same);
    });

    test("text comes back as it was sent and can be searched for", async () => {
      const title = titled("A & B <x> 1<2 a<b &amp; <b>bold</b> é");
      const description = 'if (a < b && c > d) "quoted" <script>alert(1)</script>';
      const made = await client.workOrders.create({ title, description });
      expect([made.title, made.description]).toEqual([title, description]);
      const found = await client.workOrders.search(titled("A & B <x>"));
      expect(found.content.map(({ id }) => id)).toEqual([made.id]);
    });

    test("with an asset that does not exist is an error without SQL in its message", async () => {
      const error = await rejection(
        client.workOrders.create({ title: titled("no asset"), asset: 999_999_999 }),
      );
      expect(error).toBeInstanceOf(AtlasApiError);
      expect(error).toMatchObject({ status: 500, details: { operation: "workOrders.create" } });
      expect(String(error)).not.toMatch(/insert into|SQL|constraint/i);
    });

    test("in the founding documents' words gives an order in the API's", async () => {
      const made = await client.workOrders.create({
        title: titled("founding words"),
        priority: "CRITICAL",
        assignedTo: me.id,
        dueDate: new Date("2030-12-01T10:00:00Z"),
      });
      expect(made).toMatchObject({
        priority: "HIGH",
        status: "OPEN",
        assignedTo: [{ id: me.id }],
        dueDate: "2030-12-01T10:00:00.000Z",
      });
      const pending = await client.workOrders.list({ text: titled("founding"), status: "PENDING" });
      expect(idsOf(pending.content)).toEqual([made.id]);
      const done = await client.workOrders.changeStatus(made.id, { status: "completed" });
      expect(done.status).toBe("COMPLETE");
    });

    test("whose answer is lost makes one order, and that is found", async () => {
      const path = "/work-orders";
      await using lossy = newClient({ dispatcher: losingFirstReply(traffic.dispatcher, path) });
      const made = await lossy.workOrders.create({ title: titled("lost & found"), priority: "LOW" });
      const { content } = await client.workOrders.search(titled("lost & found"));
      expect(idsOf(content)).toEqual([made.id]);
    });

    test("what Atlas would misread is refused before anything is sent", async () => {
      const before = traffic.total();
      const wrong = [
        client.workOrders.create({ title: titled("x"), priority: "EXTREME" as "HIGH" }),
        client.workOrders.create({ title: titled("x"), dueDate: "tomorrow" }),
        client.workOrders.list({ status: "CANCELLED" as "COMPLETE" }),
        client.workOrders.get(-1),
      ];
      for (const call of wrong) await expect(call).rejects.toBeInstanceOf(AtlasValidationError);
      expect(traffic.total()).toBe(before);
    });
  });

  describe("updating", () => {
    test("changes what it names and keeps all else", async () => {
      const made = await client.workOrders.create({
        title: titled("before & after"),
        description: "leaks & <drips>",
        priority: "HIGH",
        dueDate: "2030-12-01T10:00:00Z",
        estimatedDuration: 1.5,
        primaryUser: me,
        assignedTo: [me],
      });
      expect(made.dueDate).toBe("2030-12-01T10:00:00.000Z");
      const changed = await client.workOrders.update(made.id, { title: titled("after") });
      expect(changed).toMatchObject({ ...kept(made), title: titled("after") });
      const cleared = await client.workOrders.update(made.id, { dueDate: null, assignedTo: [] });
      expect(cleared).toMatchObject({ ...kept(changed), dueDate: null, assignedTo: [] });
    });

    test("an order that does not exist is an AtlasNotFoundError", async () => {
      const call = client.workOrders.update(999_999_999, { title: titled("nowhere") });
      await expect(call).rejects.toBeInstanceOf(AtlasNotFoundError);
    });
  });

  describe("status", () => {
    test("complete, complete again, reopen, complete: the feedback stays", async () => {
      const { id } = await client.workOrders.create({ title: titled("to complete") });
      const done = await client.workOrders.complete(id, { feedback: "done & dusted" });
      expect(done).toMatchObject({
        status: "COMPLETE",
        feedback: "done & dusted",
        completedBy: { id: me.id },
        completedOn: expect.any(String),
      });
      const again = await client.workOrders.complete(id);
      expect(again.completedOn).toBe(done.completedOn);
      const open = await client.workOrders.changeStatus(id, { status: "OPEN" });
      expect(open).toMatchObject({ status: "OPEN", completedOn: null, feedback: "done & dusted" });
      const onHold = await client.workOrders.changeStatus(id, { status: "ON_HOLD", feedback: null });
      expect(onHold).toMatchObject({ status: "ON_HOLD", feedback: null });
    });

    test("of an order that does not exist is an AtlasNotFoundError", async () => {
      await expect(client.workOrders.complete(999_999_999)).rejects.toBeInstanceOf(AtlasNotFoundError);
    });
  });

  describe("finding", () => {
    const made: WorkOrder[] = [];

    beforeAll(async () => {
      for (const what of ["find 1", "find 2", "find 3"]) {
        made.push(await client.workOrders.create({ title: titled(what), priority: "LOW", primaryUser: me }));
      }
      await client.workOrders.complete(made[0]?.id ?? 0);
    });

    test("by status, priority and person", async () => {
      const mine = { text: titled("find"), primaryUser: me };
      const open = await client.workOrders.list({ ...mine, status: "OPEN", priority: ["LOW", "HIGH"] });
      expect(idsOf(open.content)).toEqual(idsOf(made.slice(1)));
      const complete = await client.workOrders.list({ ...mine, status: "COMPLETE", assignedTo: me });
      expect(idsOf(complete.content)).toEqual(idsOf(made.slice(0, 1)));
    });

    test("in pages", async () => {
      const text = titled("find");
      const first = await client.workOrders.list({
        text,
        pageSize: 2,
        sort: { by: "id", direction: "DESC" },
      });
      expect(first).toMatchObject({
        totalElements: 3,
        totalPages: 2,
        number: 0,
        size: 2,
        first: true,
        last: false,
      });
      expect(idsOf(first.content)).toEqual(idsOf(made).reverse().slice(0, 2));
      const beyond = await client.workOrders.list({ text, pageSize: 2, page: 5 });
      expect(beyond).toMatchObject({ content: [], last: true });
    });

    test("all of them, page after page, although each is changed on the way", async () => {
      const seen: number[] = [];
      for await (const order of client.workOrders.iterate({
        text: titled("find"),
        status: "OPEN",
        pageSize: 1,
      })) {
        seen.push(order.id);
        await client.workOrders.complete(order.id);
      }
      expect(seen).toEqual(idsOf(made.slice(1)));
    });

    test("by the number that people see", async () => {
      const [order] = made;
      const { content } = await client.workOrders.search(order?.customId ?? "");
      expect(idsOf(content)).toContain(order?.id);
    });
  });

  test("a deleted order is gone", async () => {
    const { id } = await client.workOrders.create({ title: titled("to delete") });
    await client.workOrders.delete(id);
    const error = await rejection(client.workOrders.get(id));
    expect(error).toBeInstanceOf(AtlasNotFoundError);
    expect(error).toMatchObject({
      status: 404,
      details: { operation: "workOrders.get", path: `/work-orders/${id}`, serverMessage: expect.any(String) },
    });
    await expect(client.workOrders.delete(id)).rejects.toBeInstanceOf(AtlasNotFoundError);
  });
});

/** The fields that an update must not touch. */
function kept({ updatedAt: _updatedAt, updatedBy: _updatedBy, ...rest }: WorkOrder): Partial<WorkOrder> {
  return rest;
}
