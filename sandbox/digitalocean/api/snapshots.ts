// Snapshots are in the books only: their contents are not kept, so nothing can be made of them here.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Call, found, parameter, readBody } from "./http/call.ts";
import { conflict } from "./http/errors.ts";
import { noContent, ok, page, type Reply } from "./http/reply.ts";
import { route } from "./http/router.ts";
import type { Snapshot, Volume } from "./state.ts";
import { useTags } from "./tags.ts";
import { timestamp } from "./twin.ts";

export const snapshotView = (snapshot: Snapshot) => ({
  id: snapshot.id,
  name: snapshot.name,
  created_at: snapshot.created_at,
  regions: [snapshot.region],
  resource_id: snapshot.resource_id,
  resource_type: snapshot.resource_type,
  min_disk_size: snapshot.min_disk_size,
  size_gigabytes: snapshot.size_gigabytes,
  tags: snapshot.tags,
});

const snapshotBody = z.object({
  name: z.string("name is required").min(1, "name is required").max(255, "name is too long"),
  tags: z.array(z.string()).optional(),
});

export function createVolumeSnapshot(call: Call, volume: Volume): Reply {
  const { account, twin } = call;
  const body = readBody(call, snapshotBody);
  if (account.snapshots.some(({ name, resource_id }) => name === body.name && resource_id === volume.id))
    throw conflict(`A snapshot with the name ${body.name} already exists.`);
  const snapshot: Snapshot = {
    id: randomUUID(),
    name: body.name,
    created_at: timestamp(twin),
    region: volume.region,
    resource_id: volume.id,
    resource_type: "volume",
    min_disk_size: volume.size_gigabytes,
    size_gigabytes: volume.size_gigabytes,
    tags: useTags(account, body.tags),
  };
  account.snapshots.push(snapshot);
  return ok({ snapshot: snapshotView(snapshot) }, 201);
}

const snapshotOf = (call: Call): Snapshot =>
  found(call.account.snapshots.find(({ id }) => id === parameter(call)));

export const snapshotRoutes = [
  route("GET", "/v2/snapshots", (call) => {
    const kind = call.query.get("resource_type");
    const all = call.account.snapshots.filter(({ resource_type }) => !kind || resource_type === kind);
    return page(call, "snapshots", all, snapshotView);
  }),
  route("GET", "/v2/snapshots/:id", (call) => ok({ snapshot: snapshotView(snapshotOf(call)) })),
  route("DELETE", "/v2/snapshots/:id", (call) => {
    const snapshot = snapshotOf(call);
    call.account.snapshots = call.account.snapshots.filter((other) => other !== snapshot);
    return noContent();
  }),
];
