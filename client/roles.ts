import type { Calls } from "./calls.ts";
import { AtlasNotFoundError } from "./errors.ts";
import { type CallOptions, type Operation, trailDetails } from "./operation.ts";
import { type Role, rolesOut } from "./schemas/user.ts";
import type { AtlasRequest } from "./sender.ts";

const LIST: AtlasRequest = { method: "GET", path: "/roles", repeatable: true };

/** Roles (atlas-api 10.1). */
export class Roles {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** All roles of the organisation; administrators only. */
  async list(options: CallOptions = {}): Promise<Role[]> {
    return this.#calls.run({ name: "roles.list", doing: "list the roles" }, options, (operation) =>
      this.#calls.fetch(operation, LIST, rolesOut),
    );
  }
}

/** A role's id; a code is looked up, since ids differ between installations. */
export async function roleIdOf(calls: Calls, operation: Operation, role: number | string): Promise<number> {
  if (typeof role === "number") return role;
  const roles = await calls.fetch(operation, LIST, rolesOut);
  const found = roles.find(({ code, roleType }) => code === role && roleType === "ROLE_CLIENT");
  if (found !== undefined) return found.id;
  throw new AtlasNotFoundError(
    `Could not ${operation.doing}: there is no role with the code ${role}. Give a role's id instead (roles.list).`,
    { ...trailDetails(operation, LIST), outcome: "none" },
  );
}
