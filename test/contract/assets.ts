import { describe, expect, test } from "vitest";
import { AtlasNotFoundError, AtlasValidationError } from "../../client/index.ts";
import { client, idsOf, newClient, titled, traffic } from "./atlas.ts";
import { losingFirstReply } from "./lost-reply.ts";

describe("assets", () => {
  test("an asset is made, found, changed in one place only, used and deleted", async () => {
    const name = titled("Pump <A> & B");
    const made = await client.assets.create({
      name,
      description: "main & only",
      serialNumber: `SN<${titled("serial")}>`,
      status: "DOWN",
      acquisitionCost: 12.5,
    });
    expect(made).toMatchObject({
      name,
      description: "main & only",
      serialNumber: `SN<${titled("serial")}>`,
      acquisitionCost: 12.5,
      customId: expect.stringMatching(/^A\d+$/),
    });
    await expect(client.assets.get(made.id)).resolves.toMatchObject({ id: made.id, name });

    for (const text of [name, `SN<${titled("serial")}`, titled("pump <a> & b").toUpperCase()]) {
      const { content } = await client.assets.search(text);
      expect(content.map(({ id }) => id)).toEqual([made.id]);
    }

    const { updatedAt: _at, updatedBy: _by, ...rest } = made;
    const changed = await client.assets.update(made.id, { description: null, model: "M & M" });
    expect(changed).toMatchObject({ ...rest, description: null, model: "M & M" });

    const order = await client.workOrders.create({ title: titled("for an asset"), asset: made });
    expect(order.asset).toMatchObject({ id: made.id, name });
    const orders = await client.workOrders.list({ asset: made });
    expect(orders.content.map(({ id }) => id)).toEqual([order.id]);

    await client.assets.delete(made.id);
    await expect(client.assets.get(made.id)).rejects.toBeInstanceOf(AtlasNotFoundError);
    await expect(client.assets.delete(made.id)).rejects.toBeInstanceOf(AtlasNotFoundError);
    await expect(client.workOrders.get(order.id)).resolves.toMatchObject({ asset: null });
  });

  test("the iterator goes through all that match", async () => {
    const ids: number[] = [];
    for (const what of ["one", "two", "three"]) {
      const { id } = await client.assets.create({ name: titled(`iterate ${what}`) });
      ids.push(id);
    }
    const seen: number[] = [];
    for await (const { id } of client.assets.iterate({ text: titled("iterate"), pageSize: 2 })) seen.push(id);
    expect(seen).toEqual(ids);
  });

  test("an asset whose answer is lost is made once, found, and found by its name", async () => {
    await using lossy = newClient({ dispatcher: losingFirstReply(traffic.dispatcher, "/assets") });
    const name = titled("lost & found");
    const made = await lossy.assets.create({ name, serialNumber: "A&B" });
    expect(idsOf((await client.assets.search(name)).content)).toEqual([made.id]);
    await expect(client.assets.findByName(name)).resolves.toMatchObject({ id: made.id, name });
  });

  test("a status that Atlas does not know is refused before it is sent", async () => {
    const call = client.assets.create({ name: titled("x"), status: "BROKEN" as "DOWN" });
    await expect(call).rejects.toBeInstanceOf(AtlasValidationError);
  });
});
