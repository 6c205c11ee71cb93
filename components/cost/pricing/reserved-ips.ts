// Reserved addresses, also under their old name, floating IPs: free while they lead to a droplet.
import Big from "big.js";
import { keyOf } from "../resource.ts";
import { input } from "./inputs.ts";
import { line, type Product } from "./line.ts";
import { tokenOf } from "./types.ts";

const assignments = [tokenOf("ReservedIpAssignment"), tokenOf("FloatingIpAssignment")];

export const reservedIps: Product = (resources, { book, all }) => {
  const assigned = new Set(
    all(...assignments).flatMap(({ inputs, uses }) => [inputs.ipAddress, ...(uses.ipAddress ?? [])]),
  );
  return resources.map((resource) => {
    const { inputs, uses } = resource;
    const isAssigned =
      input(inputs, "dropletId") !== undefined ||
      (uses.dropletId ?? []).length > 0 ||
      (isAddress(inputs.ipAddress) && assigned.has(inputs.ipAddress)) ||
      assigned.has(keyOf(resource));
    const { source, seen } = book.reservedIp;
    return [
      isAssigned
        ? line(book, {
            label: "Reserved IP, assigned",
            unit: "address",
            price: { price: Big(0), source, seen, note: "free while it leads to a droplet" },
          })
        : line(book, { label: "Reserved IP, unassigned", unit: "address", price: book.reservedIp }),
    ];
  });
};

/** Two addresses that are not known yet are not the same one. */
const isAddress = (value: unknown) => typeof value === "string" && /^[0-9.]+$/.test(value);
