import {
  AtlasAuthError,
  type AtlasClient,
  type AtlasClientOptions,
  AtlasPermissionError,
  AtlasValidationError,
} from "../../../client/index.ts";

type Credentials = Pick<AtlasClientOptions, "email" | "password" | "accountType">;
type Role = "ROLE_SUPER_ADMIN" | "ROLE_CLIENT";

interface Account {
  password: string;
  roleType: Role;
}

/** Atlas as far as the bootstrap sees it: accounts, organisations, and a note of everything that changed something. */
export class FakeAtlas {
  readonly accounts = new Map<string, Account>([
    ["superadmin@test.com", { password: "pls_change_me", roleType: "ROLE_SUPER_ADMIN" }],
  ]);
  readonly organisations: string[] = [];
  readonly changes: string[] = [];
  /** Clients that were made and not closed again. */
  open = 0;
  /** Thrown by the next sign-up, as by a crash just before it. */
  failure: Error | undefined;
  /** False where sign-up is closed to the administrator, too. */
  signUpOpen = true;

  /** A database in which somebody has been before. */
  static with(accounts: Record<string, Account>): FakeAtlas {
    const atlas = new FakeAtlas();
    for (const [email, account] of Object.entries(accounts)) atlas.accounts.set(email, account);
    return atlas;
  }

  readonly connect = (given: Credentials): AtlasClient => {
    const options = { ...given };
    this.open++;
    const client: Partial<Record<keyof AtlasClient, unknown>> & AsyncDisposable = {
      signIn: async () => {
        this.#signIn(options);
      },
      changePassword: async (before: string, after: string) => {
        const account = this.#signIn(options);
        if (account.password !== before) throw new AtlasAuthError("wrong old password");
        account.password = after;
        // The client goes on with the new one.
        options.password = after;
        this.changes.push(`password of ${options.email}`);
      },
      signUpOrganisation: async (input: { email: string; password: string; companyName: string }) => {
        this.#signUp(input);
      },
      users: { iterate: () => this.#everybody(options) },
      [Symbol.asyncDispose]: async () => {
        this.open--;
      },
    };
    return client as unknown as AtlasClient;
  };

  #signIn({ email, password, accountType }: Credentials): Account {
    const account = this.accounts.get(email ?? "");
    const wanted = accountType === "SUPER_ADMIN" ? "ROLE_SUPER_ADMIN" : "ROLE_CLIENT";
    if (account?.password !== password || account?.roleType !== wanted)
      throw new AtlasAuthError(`Atlas refused ${email}`, { status: 403 });
    return account;
  }

  #signUp({ email, password, companyName }: { email: string; password: string; companyName: string }): void {
    if (this.failure) {
      const { failure } = this;
      this.failure = undefined;
      throw failure;
    }
    if (!this.signUpOpen)
      throw new AtlasPermissionError("Atlas answered 406 Please enable mails", { status: 406 });
    if (this.accounts.has(email))
      throw new AtlasValidationError("Atlas answered 422 Email is already in use", { status: 422 });
    this.accounts.set(email, { password, roleType: "ROLE_CLIENT" });
    this.organisations.push(companyName);
    this.changes.push(`sign-up of ${email}`);
  }

  async *#everybody(options: Credentials) {
    if (this.#signIn(options).roleType !== "ROLE_SUPER_ADMIN")
      throw new AtlasPermissionError("not for clients");
    for (const [email, { roleType }] of this.accounts) yield { email, role: { roleType } };
  }
}
