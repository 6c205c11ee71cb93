import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type ClientModel, readClient } from "../../../scripts/lib/client-model.ts";
import { clientReference } from "../../../scripts/lib/client-reference.ts";
import { root } from "../../../scripts/lib/root.ts";

let model: ClientModel;
let page: string;
beforeAll(() => {
  model = readClient();
  page = clientReference(model);
}, 60_000);

test("docs/client.md says what the code says: after a change run scripts/client-docs", () => {
  expect(readFileSync(path.join(root, "docs/client.md"), "utf8")).toBe(page);
});

describe("the page", () => {
  test("has the client, its parts and their methods with types and comments", () => {
    expect(page).toContain("## client.workOrders");
    expect(page).toMatch(
      /^- `create\(input: WorkOrderCreate, options\?: CallOptions\): Promise<WorkOrder>`\n {2}Makes a /m,
    );
  });

  test("has every error with what it descends from", () => {
    expect(page).toMatch(/\| `AtlasLicenseError` \| `AtlasPermissionError` \| .+ \| `limit: LicenseLimit/);
  });

  test("spells out what the schemas make of a type, by the names of other types", () => {
    const order = model.types.find(({ name }) => name === "WorkOrder");
    expect(order?.open).toBe(true);
    expect(order?.fields.find(({ name }) => name === "status")?.type).toBe("WorkOrderStatus");
    expect(order?.fields.find(({ name }) => name === "estimatedDuration")).toMatchObject({
      type: "number | null",
      text: "Hours.",
    });
  });

  test("shows nothing private and nothing by a symbol", () => {
    const names = model.classes.flatMap(({ members }) => members.map(({ name }) => name));
    expect(names).toContain("create");
    expect(names.filter((name) => !/^[a-z]\w*$/i.test(name) || name === "constructor")).toEqual([]);
  });
});
