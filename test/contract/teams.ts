import { describe, expect, test } from "vitest";
import { AtlasNotFoundError } from "../../client/index.ts";
import { client, idsOf, newClient, titled, traffic } from "./atlas.ts";
import { losingFirstReply } from "./lost-reply.ts";

describe("teams", () => {
  test("a team is made, found, changed in one place only, used and deleted", async () => {
    const me = await client.me();
    const name = titled("Night & day");
    const made = await client.teams.create({ name, description: "shift <b>", users: [me] });
    expect(made).toMatchObject({ name, description: "shift <b>", users: [{ id: me.id }] });
    await expect(client.teams.get(made.id)).resolves.toEqual(made);
    await expect(client.teams.findByName(name)).resolves.toEqual(made);
    expect(idsOf((await client.teams.search(titled("night"), { user: me })).content)).toEqual([made.id]);

    const changed = await client.teams.update(made.id, { description: null });
    expect(changed).toEqual({ ...made, description: null });

    const order = await client.workOrders.create({ title: titled("for a team"), teamId: made.id });
    expect(order.team).toMatchObject({ id: made.id });
    const theirs = await client.workOrders.list({ text: titled("for a team"), assignedTo: me });
    expect(idsOf(theirs.content)).toEqual([order.id]);
    await client.workOrders.delete(order.id);

    await client.teams.delete(made.id);
    await expect(client.teams.get(made.id)).rejects.toBeInstanceOf(AtlasNotFoundError);
  });

  test("one whose answer is lost is made once, although teams do not tell who made them", async () => {
    await using lossy = newClient({ dispatcher: losingFirstReply(traffic.dispatcher, "/teams") });
    const made = await lossy.teams.create({ name: titled("lost & found") });
    expect(idsOf((await client.teams.search(titled("lost & found"))).content)).toEqual([made.id]);
  });
});
