import type { AtlasClient } from "../../client/index.ts";

interface Found {
  readonly id: number;
  readonly label: string;
}

interface Sweep {
  find(client: AtlasClient, mark: string): Promise<Found[]>;
  remove(client: AtlasClient, id: number): Promise<unknown>;
}

/** Per kind of record that the tests make; those first that refer to others. */
const SWEEPS: Readonly<Record<string, Sweep>> = {
  workOrders: {
    find: (client, text) =>
      all(client.workOrders.iterate({ text, includeArchived: true }), ({ title }) => title),
    remove: (client, id) => client.workOrders.delete(id),
  },
  assets: {
    find: (client, text) => all(client.assets.iterate({ text, includeArchived: true }), ({ name }) => name),
    remove: (client, id) => client.assets.delete(id),
  },
  locations: {
    find: (client, text) => all(client.locations.iterate({ text }), ({ name }) => name),
    remove: (client, id) => client.locations.delete(id),
  },
  teams: {
    find: (client, text) => all(client.teams.iterate({ text }), ({ name }) => name),
    remove: (client, id) => client.teams.delete(id),
  },
  categories: {
    find: async (client) => (await client.categories.list()).map(({ id, name }) => ({ id, label: name })),
    remove: (client, id) => client.categories.delete(id),
  },
  files: {
    find: async (client, text) =>
      (await client.files.list({ text })).content.map(({ id, name }) => ({ id, label: name })),
    remove: (client, id) => client.files.delete(id),
  },
  users: {
    find: (client, text) => all(client.users.iterate({ text }), ({ firstName }) => firstName ?? ""),
    // There is no deletion by others: this disables the user and frees the address (atlas-api 10.3).
    remove: (client, id) => client.request({ method: "PATCH", path: `/users/soft-delete/${id}` }),
  },
};

/** Deletes all records whose title or name is one of the suite's own. */
export async function sweep(
  client: AtlasClient,
  mark: string,
  isOurs: (label: string) => boolean,
): Promise<void> {
  for (const { find, remove } of Object.values(SWEEPS)) {
    const ours = (await find(client, mark)).filter(({ label }) => isOurs(label));
    for (const { id } of ours) await remove(client, id);
  }
}

async function all<T extends { readonly id: number }>(
  records: AsyncIterable<T>,
  labelOf: (record: T) => string,
): Promise<Found[]> {
  const found: Found[] = [];
  for await (const record of records) found.push({ id: record.id, label: labelOf(record) });
  return found;
}
