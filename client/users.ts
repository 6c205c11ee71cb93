import type { z } from "zod";
import { mailFirst } from "./account.ts";
import type { Calls } from "./calls.ts";
import { AtlasApiError, AtlasValidationError } from "./errors.ts";
import type { CallOptions, Operation, OperationName } from "./operation.ts";
import { checkedInput } from "./parse.ts";
import { roleIdOf } from "./roles.ts";
import { successOut } from "./schemas/fields.ts";
import type { Page } from "./schemas/page.ts";
import {
  type Invitation,
  inviteIn,
  signUpOut,
  type User,
  type UserCreate,
  type UserFilter,
  type UserQuery,
  userCreateIn,
  userFilterIn,
  userOut,
  userPageOut,
  userQueryIn,
} from "./schemas/user.ts";
import { everyRecord, type FilterField, searchRequest, textFilter } from "./search.ts";
import type { AtlasRequest } from "./sender.ts";
import { escapeText } from "./text.ts";

type NewUser = z.output<typeof userCreateIn>;

/** Users (atlas-api 10). All methods reject with a subclass of AtlasError. */
export class Users {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** The signed-in user. */
  async me(options: CallOptions = {}): Promise<User> {
    return this.#calls.run({ name: "users.me", doing: "read the signed-in user" }, options, (operation) =>
      this.#calls.fetch(operation, { method: "GET", path: "/auth/me", repeatable: true }, userOut),
    );
  }

  /**
   * Makes a user in the signed-in administrator's organisation: invites the address, then signs it up with the given
   * password (hand it over and let the user change it). May be repeated after a failure half-way.
   * @returns the user, and `created: false` when one with this address was there already (it is left as it is).
   * @throws AtlasLicenseError at 5 enabled users with a paid role without a licence.
   */
  async create(input: UserCreate, options: CallOptions = {}): Promise<{ user: User; created: boolean }> {
    const name: OperationName = { name: "users.create", doing: `create the user ${input.email}` };
    return this.#calls.run(name, options, async (operation) => {
      const wanted = checkedInput(userCreateIn, input, name);
      const roleId = await roleIdOf(this.#calls, operation, wanted.role);
      try {
        await this.#invite(operation, [wanted.email], roleId, false);
        return { user: await this.#signUp(operation, wanted, roleId), created: true };
      } catch (cause) {
        if (!mayExist(cause)) throw cause;
        const user = await this.#withEmail(operation, wanted.email);
        if (user === undefined) throw cause;
        return { user, created: false };
      }
    });
  }

  /**
   * Invites addresses to the signed-in administrator's organisation; inviting again does no harm.
   * @throws AtlasValidationError (406) when an address has a user already.
   */
  async invite(invitation: Invitation, options: CallOptions = {}): Promise<void> {
    const name: OperationName = { name: "users.invite", doing: "invite users" };
    await this.#calls.run(name, options, async (operation) => {
      const { emails, role, sendEmail } = checkedInput(inviteIn, invitation, name);
      await this.#invite(operation, emails, await roleIdOf(this.#calls, operation, role), sendEmail);
    });
  }

  /**
   * Signs up an invited address, as anybody could: no session is used. The role must be the invited one, by its id
   * (or by its code, which only an administrator's session can look up).
   * @throws AtlasValidationError (422) when the address has a user already; AtlasPermissionError when not invited.
   */
  async signUp(input: UserCreate, options: CallOptions = {}): Promise<User> {
    const name: OperationName = { name: "users.signUp", doing: `sign up ${input.email}` };
    return this.#calls.run(name, options, async (operation) => {
      const wanted = checkedInput(userCreateIn, input, name);
      return this.#signUp(operation, wanted, await roleIdOf(this.#calls, operation, wanted.role));
    });
  }

  /** One page of the organisation's users with `text` in email, first or last name; disabled ones only when asked for. */
  async search(
    text: string,
    query: Omit<UserQuery, "text"> = {},
    options: CallOptions = {},
  ): Promise<Page<User>> {
    return this.list({ ...query, text }, options);
  }

  /** One page of the organisation's users. */
  async list(query: UserQuery = {}, options: CallOptions = {}): Promise<Page<User>> {
    const name: OperationName = { name: "users.list", doing: "list the users" };
    return this.#calls.run(name, options, (operation) => {
      const { page, pageSize, sort, ...filter } = checkedInput(userQueryIn, query, name);
      const request = searchRequest(searchPath(filter), userFilters(filter), { page, pageSize, sort });
      return this.#calls.fetch(operation, request, userPageOut);
    });
  }

  /** All users that match, in the order of their ids. */
  iterate(filter: UserFilter = {}, options: CallOptions = {}): AsyncGenerator<User, void, undefined> {
    const name: OperationName = { name: "users.iterate", doing: "go through the users" };
    return everyRecord(filter.pageSize, (beyond, paging) =>
      this.#calls.run(name, options, (operation) => {
        const checked = checkedInput(userFilterIn, filter, name);
        const request = searchRequest(searchPath(checked), [...userFilters(checked), ...beyond], paging);
        return this.#calls.fetch(operation, request, userPageOut);
      }),
    );
  }

  async #invite(operation: Operation, emails: string[], roleId: number, sendEmail: boolean): Promise<void> {
    const request: AtlasRequest = {
      method: "POST",
      path: "/users/invite",
      body: { role: { id: roleId }, emails, disableSendingEmail: !sendEmail },
      // With a mail each repetition is one more mail.
      repeatable: !sendEmail,
    };
    await this.#calls.fetch(operation, request, successOut);
  }

  async #signUp(operation: Operation, wanted: NewUser, roleId: number): Promise<User> {
    this.#calls.secrets.add(wanted.password);
    const request: AtlasRequest = {
      method: "POST",
      path: "/auth/signup",
      body: { ...wanted, role: { id: roleId } },
      repeatable: false,
    };
    const { user, message } = await this.#calls.fetch(operation, request, signUpOut, "nobody");
    if (user !== null) return user;
    throw mailFirst(operation, message);
  }

  async #withEmail(operation: Operation, email: string): Promise<User | undefined> {
    const filter: FilterField = { field: "email", operation: "cn", value: email };
    const request = searchRequest(searchPath({ includeDisabled: true }), [filter], {});
    const { content } = await this.#calls.fetch(operation, request, userPageOut);
    return content.find((user) => user.email.toLowerCase() === email);
  }
}

/** The address is in use (406 on invite, 422 on sign-up), or the sign-up's answer was lost. */
function mayExist(cause: unknown): boolean {
  if (cause instanceof AtlasValidationError) return cause.status === 406 || cause.status === 422;
  return cause instanceof AtlasApiError && cause.details.outcome === "unknown";
}

function searchPath(filter: { includeDisabled?: boolean | undefined }): string {
  return `/users/search?enabledOnly=${filter.includeDisabled !== true}`;
}

function userFilters({ text }: { text?: string | undefined }): FilterField[] {
  return text === undefined
    ? []
    : [textFilter({ email: text, firstName: escapeText(text), lastName: escapeText(text) })];
}
