import { describe, expect, test } from "vitest";
import { AtlasNotFoundError, AtlasValidationError } from "../../client/index.ts";
import { client, idsOf, newClient, rejection, titled, traffic } from "./atlas.ts";
import { losingFirstReply } from "./lost-reply.ts";

describe("locations", () => {
  test("a location is made, found, changed in one place only, used and deleted", async () => {
    const me = await client.me();
    const name = titled("Plant <1> & yard");
    const made = await client.locations.create({
      name,
      address: "1 Main St & Co",
      latitude: 1.5,
      longitude: -2.5,
      workers: me,
    });
    expect(made).toMatchObject({
      name,
      address: "1 Main St & Co",
      latitude: 1.5,
      longitude: -2.5,
      workers: [{ id: me.id }],
      customId: expect.stringMatching(/^L\d+$/),
    });
    await expect(client.locations.get(made.id)).resolves.toMatchObject({ id: made.id, name });
    await expect(client.locations.findByName(name)).resolves.toMatchObject({ id: made.id });
    await expect(client.locations.findByName(titled("nowhere"))).resolves.toBeUndefined();

    const { updatedAt: _at, updatedBy: _by, ...rest } = made;
    const changed = await client.locations.update(made.id, { address: null });
    expect(changed).toMatchObject({ ...rest, address: null });

    const order = await client.workOrders.create({ title: titled("at a location"), locationId: made.id });
    expect(order.location).toMatchObject({ id: made.id, name });
    expect(idsOf((await client.workOrders.list({ locationId: made.id })).content)).toEqual([order.id]);
    await client.workOrders.delete(order.id);

    await client.locations.delete(made.id);
    await expect(client.locations.get(made.id)).rejects.toBeInstanceOf(AtlasNotFoundError);
  });

  test("one whose answer is lost is made once; two of one name are told apart by their ids only", async () => {
    await using lossy = newClient({ dispatcher: losingFirstReply(traffic.dispatcher, "/locations") });
    const name = titled("lost & found");
    const first = await lossy.locations.create({ name });
    expect(idsOf((await client.locations.search(name)).content)).toEqual([first.id]);
    const second = await client.locations.create({ name });
    const error = await rejection(client.locations.findByName(name));
    expect(error).toBeInstanceOf(AtlasValidationError);
    expect(String(error)).toContain(`${first.id}, ${second.id}`);
    const seen: number[] = [];
    for await (const { id } of client.locations.iterate({ text: name, pageSize: 1 })) seen.push(id);
    expect(seen).toEqual([first.id, second.id]);
  });
});
