import { describe, expect, test } from "vitest";
import { AtlasNotFoundError, AtlasValidationError } from "../../client/index.ts";
import { client, idsOf, newClient, titled, traffic } from "./atlas.ts";
import { losingFirstReply } from "./lost-reply.ts";

describe("categories", () => {
  test("a category is made, found, changed in one place only, used and deleted", async () => {
    const name = titled("Lifts & hoists");
    const made = await client.categories.create({ name, description: "a < b" });
    expect(made).toMatchObject({ name, description: "a < b" });
    await expect(client.categories.get(made.id)).resolves.toMatchObject({ id: made.id, name });
    await expect(client.categories.findByName(name.toUpperCase())).resolves.toMatchObject({ id: made.id });
    await expect(client.categories.create({ name })).rejects.toBeInstanceOf(AtlasValidationError);

    const changed = await client.categories.update(made.id, { description: null });
    expect(changed).toMatchObject({ name, description: null });

    const order = await client.workOrders.create({ title: titled("of a category"), categoryId: made.id });
    expect(order.category).toMatchObject({ id: made.id });
    expect(idsOf((await client.workOrders.list({ categoryId: made.id })).content)).toEqual([order.id]);
    await client.workOrders.delete(order.id);

    await client.categories.delete(made.id);
    await expect(client.categories.get(made.id)).rejects.toBeInstanceOf(AtlasNotFoundError);
  });

  test("one whose answer is lost is made once, and found", async () => {
    const path = "/work-order-categories";
    await using lossy = newClient({ dispatcher: losingFirstReply(traffic.dispatcher, path) });
    const name = titled("lost & found");
    const made = await lossy.categories.create({ name });
    const alike = (await client.categories.list()).filter((category) => category.name === name);
    expect(idsOf(alike)).toEqual([made.id]);
  });
});
