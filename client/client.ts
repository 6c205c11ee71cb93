import { inspect } from "node:util";
import { changePassword, signIn, signOut, signUpOrganisation } from "./account.ts";
import { Assets } from "./assets.ts";
import { Calls } from "./calls.ts";
import { Categories } from "./categories.ts";
import { isLocal, settingsFrom } from "./config.ts";
import { type Environment, optionsFromEnv } from "./env.ts";
import { Files } from "./files.ts";
import { Locations } from "./locations.ts";
import type { CallOptions } from "./operation.ts";
import type { AccountType, AtlasApiKeyOptions, AtlasClientInternals, AtlasClientOptions } from "./options.ts";
import { type RawAnswer, type RawRequest, rawRequest } from "./raw-request.ts";
import { Roles } from "./roles.ts";
import { successOut } from "./schemas/fields.ts";
import type { OrganisationSignUp, User } from "./schemas/user.ts";
import { Teams } from "./teams.ts";
import { Users } from "./users.ts";
import { WorkOrders } from "./work-orders.ts";

/** A client's configuration as it may be shown: without password and API key. */
export interface ClientDescription {
  readonly baseUrl: string;
  /** Undefined with an API key, which does not tell whose it is. */
  readonly email?: string;
  readonly accountType?: AccountType;
  readonly credentials: "password" | "API key";
  /** `localhost` for an API on this machine, `production` for all others. */
  readonly target: "localhost" | "production";
  readonly enabled: boolean;
}

/**
 * Client of one Atlas CMMS installation for one user. Signs in with the first call that needs it and renews the
 * session by itself; safe to share among any number of concurrent callers. Takes one service user of its own: a
 * sign-out or change of password ends all sessions of the user (atlas-api 5.5).
 *
 * @example
 * await using client = new AtlasClient({ baseUrl: "http://localhost:8080/api", email, password });
 * const order = await client.workOrders.create({ title: "Fix pump", priority: "HIGH" });
 */
export class AtlasClient implements AsyncDisposable {
  readonly workOrders: WorkOrders;
  readonly assets: Assets;
  readonly locations: Locations;
  /** Of work orders. */
  readonly categories: Categories;
  readonly teams: Teams;
  readonly files: Files;
  readonly users: Users;
  readonly roles: Roles;
  readonly #calls: Calls;

  /** @throws AtlasConfigError naming every fault of the options at once. */
  constructor(options: AtlasClientOptions | AtlasApiKeyOptions, internals: AtlasClientInternals = {}) {
    this.#calls = new Calls(settingsFrom(options), options, internals);
    this.workOrders = new WorkOrders(this.#calls);
    this.assets = new Assets(this.#calls);
    this.locations = new Locations(this.#calls);
    this.categories = new Categories(this.#calls);
    this.teams = new Teams(this.#calls);
    this.files = new Files(this.#calls);
    this.users = new Users(this.#calls);
    this.roles = new Roles(this.#calls);
  }

  /**
   * A client configured by ATLAS_* environment variables (see optionsFromEnv).
   * @throws AtlasConfigError naming every faulty variable at once.
   */
  static fromEnv(env: Environment = process.env): AtlasClient {
    return new AtlasClient(optionsFromEnv(env));
  }

  /** True while there is an access token that has not run out; never with an API key, which needs no sign-in. */
  get isSignedIn(): boolean {
    return this.#calls.session.isSignedIn;
  }

  /**
   * Asks whether Atlas answers at all. It does so with its database down too (atlas-api 1.5): use `me` for a deeper
   * look. Sent without a session; counts on the server's limit of 20 anonymous calls a minute and 80 an hour.
   * @throws AtlasApiError when it does not answer.
   */
  async health(options: CallOptions = {}): Promise<{ message: string }> {
    return this.#calls.run({ name: "health", doing: "check Atlas' health" }, options, async (operation) => {
      const request = { method: "GET", path: "/health-check", repeatable: true } as const;
      const { message } = await this.#calls.fetch(operation, request, successOut, "nobody");
      return { message };
    });
  }

  /** Signs in now rather than with the first call; does nothing when signed in or with an API key. @throws AtlasAuthError */
  signIn(options: CallOptions = {}): Promise<void> {
    return signIn(this.#calls, options);
  }

  /**
   * Ends all sessions of the user, other clients' too. The next call signs in anew.
   * @throws AtlasConfigError with an API key.
   */
  signOut(options: CallOptions = {}): Promise<void> {
    return signOut(this.#calls, options);
  }

  /** Forgets the kept tokens without telling the server; the next call signs in anew. */
  forgetSession(): void {
    this.#calls.session.forget();
  }

  /**
   * Changes the user's password; this client goes on with the new one. The next call waits for the second of the
   * change to pass, since Atlas refuses tokens of that same second (atlas-api 5.5).
   * @throws AtlasAuthError when the old one is wrong; AtlasValidationError when the new one is too short or common;
   *   AtlasConfigError with an API key.
   */
  changePassword(oldPassword: string, newPassword: string, options: CallOptions = {}): Promise<void> {
    return changePassword(this.#calls, oldPassword, newPassword, options);
  }

  /** The signed-in user: the cheapest call that proves session and database. */
  me(options: CallOptions = {}): Promise<User> {
    return this.users.me(options);
  }

  /**
   * Signs up a new organisation with its administrator, as anybody could (no session is used, no role is sent).
   * @throws AtlasPermissionError when sign-up is closed for the address; AtlasValidationError (422) when it is in use;
   *   AtlasLicenseError when a further organisation needs a licence.
   */
  signUpOrganisation(input: OrganisationSignUp, options: CallOptions = {}): Promise<User> {
    return signUpOrganisation(this.#calls, input, options);
  }

  /**
   * For programs that go on without Atlas: runs `work` with this client, or resolves with undefined and runs nothing
   * when Atlas is switched off (ATLAS_ENABLED=false). All else that fails rejects as it would without `ifEnabled`.
   * @example const order = await client.ifEnabled((atlas) => atlas.workOrders.create({ title: "Fix pump" }));
   */
  async ifEnabled<T>(work: (client: this) => Promise<T>): Promise<T | undefined> {
    return this.#calls.settings.enabled ? work(this) : undefined;
  }

  /** Any request, for probes: resolves with status and body whatever the status is. */
  request(request: RawRequest): Promise<RawAnswer> {
    return rawRequest(this.#calls, request);
  }

  /** Ends running calls (with AtlasConfigError) and frees the connections. May be called twice. */
  close(): Promise<void> {
    return this.#calls.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  describe(): ClientDescription {
    const { credentials, settings } = this.#calls;
    const { baseUrl, enabled } = settings;
    return {
      baseUrl,
      ...("apiKey" in credentials
        ? { credentials: "API key" }
        : { credentials: "password", email: credentials.email, accountType: credentials.accountType }),
      enabled,
      target: isLocal(baseUrl) ? "localhost" : "production",
    };
  }

  toJSON(): ClientDescription {
    return this.describe();
  }

  [inspect.custom](): string {
    return `AtlasClient ${inspect(this.describe())}`;
  }
}
