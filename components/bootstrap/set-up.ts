// Behind Bootstrap; loaded by its provider. Each step looks first and changes only what is not right yet, so that a
// run after a crash, or on an existing installation, goes on where the last one ended.
import {
  AtlasApiError,
  AtlasAuthError,
  AtlasClient,
  type AtlasClientOptions,
  AtlasError,
} from "../../client/index.ts";
import { type DynamicModule, withinRun } from "../dynamic-shim.ts";
import { awaitPort } from "../hosts/await-start.ts";
import { docker } from "../hosts/docker-cli.ts";
import { openPrivateDoor } from "../hosts/private-door.ts";
import { runOverSsh } from "../hosts/ssh.ts";
import { backendPort } from "../services/backend.ts";
import type { BootstrapInputs, BootstrapResult } from "./bootstrap.ts";

/** What every fresh Atlas database contains (atlas-api.md 2.1). */
export const defaultSuperAdmin = { email: "superadmin@test.com", password: "pls_change_me" };

/** A first start migrates an empty database; on a slow disk that takes minutes. */
const firstStartTimeoutMs = 10 * 60_000;

type Outputs = BootstrapInputs & { result: BootstrapResult };
type Credentials = Pick<AtlasClientOptions, "email" | "password" | "accountType">;
type Connect = (credentials: Credentials) => AtlasClient;

const provider: DynamicModule<BootstrapInputs, Outputs> = {
  create: async (news) => ({ id: "bootstrap", outs: { ...news, result: await bootstrap(news) } }),
  update: async (olds, news) => ({ ...news, result: await bootstrap(news, olds) }),
};

export const { create, update } = withinRun(provider);

async function bootstrap(news: BootstrapInputs, olds?: BootstrapInputs): Promise<BootstrapResult> {
  const options = { host: news.engine, hide: news.hide };
  await awaitPort(news.backend, backendPort, {
    ...options,
    needs: [news.postgres],
    timeoutMs: firstStartTimeoutMs,
  });
  await using door = await openPrivateDoor(news.backend, backendPort, options);
  const connect: Connect = (credentials) =>
    new AtlasClient({
      baseUrl: `http://127.0.0.1:${backendPort}`,
      dispatcher: door.dispatcher,
      ...credentials,
    });
  const result = await setUp(connect, news, olds);
  await openPublicDoor(news);
  return result;
}

async function openPublicDoor({ ingress, engine, openDoor }: BootstrapInputs): Promise<void> {
  if (openDoor && typeof engine === "object") {
    const { code, output } = await runOverSsh(engine, openDoor, { timeoutMs: 120_000 });
    if (code !== 0) throw new Error(`the public door does not open (exit code ${code}): ${output}`);
    return;
  }
  // The proxy of an earlier deployment is stopped while a new database is not safe yet.
  const options = { host: engine };
  const stopped = await docker(
    ["ps", "-aq", "--filter", `name=^/${ingress}$`, "--filter", "status=exited"],
    options,
  );
  if (stopped !== "") await docker(["start", ingress], options);
}

/** Brings a reachable Atlas into the state that Bootstrap promises. */
export async function setUp(
  connect: Connect,
  news: BootstrapInputs,
  olds?: BootstrapInputs,
): Promise<BootstrapResult> {
  const { superAdmin, users } = await secureSuperAdmin(connect, news, olds);
  return {
    organization: await ensureAdmin(connect, news, olds, users?.others),
    superAdmin,
    otherSuperAdmins: users?.superAdmins.sort() ?? [],
  };
}

async function secureSuperAdmin(
  connect: Connect,
  news: BootstrapInputs,
  olds: BootstrapInputs | undefined,
): Promise<{ superAdmin: BootstrapResult["superAdmin"]; users?: KnownUsers }> {
  // The likeliest first: each wrong one costs half a second of hashing and one of few anonymous requests.
  const candidates = olds
    ? [news.superAdminPassword, defaultSuperAdmin.password, olds.superAdminPassword]
    : [defaultSuperAdmin.password, news.superAdminPassword];
  for (const password of candidates) {
    await using client = connect({ email: defaultSuperAdmin.email, password, accountType: "SUPER_ADMIN" });
    if (!(await signsIn(client))) continue;
    const ours = password === news.superAdminPassword;
    // Before the change: Atlas takes no token of the second in which a password changes, so what follows has to wait.
    const users = await knownUsers(client);
    if (!ours) await client.changePassword(password, news.superAdminPassword);
    return { superAdmin: ours ? "password already ours" : "password replaced", users };
  }
  return { superAdmin: "password changed by its owner" };
}

interface KnownUsers {
  /** Somebody may have come through the role door before this deployment shut it. */
  superAdmins: string[];
  others: string[];
}

async function knownUsers(superAdmin: AtlasClient): Promise<KnownUsers> {
  const users: KnownUsers = { superAdmins: [], others: [] };
  for await (const user of superAdmin.users.iterate()) {
    if (user.email === defaultSuperAdmin.email) continue;
    const kind = user.role?.roleType === "ROLE_SUPER_ADMIN" ? users.superAdmins : users.others;
    kind.push(user.email);
  }
  return users;
}

async function ensureAdmin(
  connect: Connect,
  news: BootstrapInputs,
  olds: BootstrapInputs | undefined,
  /** Addresses of an installation's users; undefined where nobody could look. */
  existing: string[] | undefined,
): Promise<BootstrapResult["organization"]> {
  const { adminEmail: email, adminPassword: password } = news;
  await using client = connect({ email, password });
  if (await signsIn(client)) return "found";

  if (olds && olds.adminEmail === email && olds.adminPassword !== password) {
    await using before = connect({ email, password: olds.adminPassword });
    if (await signsIn(before)) {
      await before.changePassword(olds.adminPassword, password);
      return "found";
    }
  }
  if (olds && olds.adminEmail !== email) throw new Error(renamedAdmin(olds.adminEmail, email));
  if (existing === undefined || existing.length > 0) throw new Error(takenOver(email, existing));

  await client
    .signUpOrganisation({
      email,
      password,
      firstName: "Atlas",
      lastName: "Administrator",
      phone: "",
      companyName: news.organization,
    })
    .catch((error: unknown) => {
      if (!(error instanceof AtlasError) || error instanceof AtlasApiError) throw error;
      throw new Error(`Atlas refused to found the organisation of ${email}: ${error.message}`, {
        cause: error,
      });
    });
  return "founded";
}

/** False when Atlas refuses the password; any other failure is thrown. */
async function signsIn(client: AtlasClient): Promise<boolean> {
  try {
    await client.signIn();
    return true;
  } catch (error) {
    if (error instanceof AtlasAuthError) return false;
    throw error;
  }
}

const renamedAdmin = (before: string, after: string) =>
  `atlas:adminEmail was ${before} and is ${after} now, but ${after} cannot sign in to Atlas with this stack's password.
  A second organisation is not founded silently. Either go back: pulumi config set atlas:adminEmail ${before}
  or invite ${after} as Administrator in Atlas, then: pulumi config set --secret atlas:adminPassword`;

/** The database is not empty: nothing is founded beside what it holds. */
function takenOver(email: string, existing: string[] | undefined): string {
  const password = "pulumi config set --secret atlas:adminPassword   (the password that works in Atlas)";
  if (existing?.includes(email))
    return `${email} exists in Atlas already, and its password is not the one that this stack holds.
  next: ${password}, then pulumi up`;
  const who = existing
    ? `people (${existing.slice(0, 5).join(", ")}${existing.length > 5 ? ", ..." : ""})`
    : "a super administrator of its own";
  return `this database holds an Atlas installation with ${who}, and ${email} cannot sign in to it.
  A second organisation is not founded beside it. Name an administrator of that installation:
  next: pulumi config set atlas:adminEmail ADDRESS, and ${password}, then pulumi up`;
}
