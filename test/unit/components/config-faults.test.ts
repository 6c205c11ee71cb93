import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../components/config.ts";
import { faultsOf, json, refused } from "./configuration.ts";

interface Wrong {
  what: string;
  values: Record<string, string>;
  /** Without `atlas:`. */
  key: string;
  value: string;
  reason: RegExp;
  /** Without `pulumi config`. */
  mend: string;
}

const plain = (key: string, value: string, reason: RegExp, mend: string): Wrong => ({
  what: `${key} = ${json(value)}`,
  values: { [key]: value },
  key,
  value,
  reason,
  mend,
});
const entry = (path: string, raw: unknown, value: string, reason: RegExp, mend: string): Wrong => {
  const [key = "", name = ""] = path.split(".");
  return {
    what: `${path} = ${json(raw)}`,
    values: { [key]: json({ [name]: raw }) },
    key: path,
    value,
    reason,
    mend,
  };
};

const setUrl = "set atlas:publicUrl http://localhost:8080";
const urlKey = (value: string, reason: RegExp) => plain("publicUrl", value, reason, setUrl);
const setPort = "set atlas:postgresPort 5433";
const setEmail = "set atlas:adminEmail you@plant.example";
const setMirror = "set atlas:imageMirror registry.plant.example:5000";
const setPrefix = "set atlas:namePrefix atlas-dev";
const setImage = (name: string) => `set --path atlas:images.${name} IMAGE:VERSION`;
const setMemory = (name: string) => `set --path atlas:memory.${name} 1024`;
const dropVariable = (name: string) => `rm --path atlas:backendEnv.${name}`;
const reserved = (name: string, reason: RegExp) =>
  entry(`backendEnv.${name}`, "mine", "mine", reason, dropVariable(name));

const setBudget = "set atlas:monthlyBudget 40";
const table: Wrong[] = [
  plain("monthlyBudget", "$40", /an amount of US dollars/, setBudget),
  plain("monthlyBudget", "40.505", /an amount of US dollars/, setBudget),
  plain("monthlyBudget", "-1", /an amount of US dollars/, setBudget),
  plain("warnAt", "0", /at least 1/, "set atlas:warnAt 80"),
  plain("warnAt", "101", /at most 100/, "set atlas:warnAt 80"),
  plain("priceBookMaxAge", "soon", /whole number/, "set atlas:priceBookMaxAge 120"),
  urlKey("localhost:8080", /begins with http:\/\/ or https:\/\//),
  urlKey("ftp://cmms.plant.example", /begins with http/),
  urlKey("http://", /is not a URL/),
  urlKey("http://cmms.plant.example/atlas", /without path/),
  urlKey("http://cmms.plant.example?x=1", /without path, query/),
  urlKey("http://cmms.plant.example#top", /without path/),
  urlKey("http://me:pw@cmms.plant.example", /credentials/),
  urlKey("https://cmms.plant.example", /must begin with http:/),
  urlKey("http://192.168.1.20:8080", /a name, not a bare address/),
  urlKey("http://[2001:db8::1]:8080", /a name, not a bare address/),
  urlKey("http://0.0.0.0", /a name, not a bare address/),
  // The door opens on 127.0.0.1, where these do not lead.
  urlKey("http://[::1]:8080", /a name, not a bare address/),
  urlKey("http://127.8.8.8:8080", /a name, not a bare address/),
  plain("adminEmail", "boss", /e-mail address/, setEmail),
  // Atlas' client refuses these, minutes later.
  plain("adminEmail", "boss@plant", /e-mail address/, setEmail),
  plain("adminEmail", "the..boss@plant.example", /e-mail address/, setEmail),
  plain("adminEmail", "a@b,c@d", /e-mail address/, setEmail),
  plain("adminEmail", "the boss@plant.example", /e-mail address/, setEmail),
  plain("organization", "   ", /must not be empty/, "set atlas:organization 'My organisation'"),
  plain("organization", "x".repeat(256), /at most 255/, "set atlas:organization 'My organisation'"),
  plain("postgresPort", "5433.5", /whole number from 0 to 65535/, setPort),
  plain("postgresPort", "-1", /whole number/, setPort),
  plain("postgresPort", "65536", /at most 65535/, setPort),
  plain("postgresPort", "none", /whole number/, setPort),
  plain("storage", "yes", /true or false/, "set atlas:storage true"),
  plain("smoke", "never", /on-change or always/, "set atlas:smoke on-change"),
  plain("imageMirror", "registry.plant.example/", /slash at the end/, setMirror),
  plain("imageMirror", "https://registry.plant.example", /without scheme/, setMirror),
  plain("imageMirror", "registry plant", /must be a registry/, setMirror),
  plain("namePrefix", "Atlas", /lower-case/, setPrefix),
  plain("namePrefix", "-atlas", /lower-case/, setPrefix),
  plain("namePrefix", "atlas_dev", /lower-case/, setPrefix),
  plain("images", "postgres:16", /must be an object/, "rm atlas:images"),
  plain("images", "[]", /must be an object/, "rm atlas:images"),
  entry("images.postgres", "postgres", "postgres", /pinned by a version/, setImage("postgres")),
  entry("images.ingress", "caddy:latest", "caddy:latest", /not by latest/, setImage("ingress")),
  entry("images.storage", "reg.example:5000/minio", "reg.example:5000/minio", /pinned/, setImage("storage")),
  entry("images.backend", "an image:1", "an image:1", /not an image reference/, setImage("backend")),
  entry("images.frontend", 16, "16", /string/, setImage("frontend")),
  entry(
    "images.nginx",
    "nginx:1",
    "(a value)",
    /not a key.*postgres, backend/,
    "rm --path atlas:images.nginx",
  ),
  plain("memory", "512", /must be an object/, "rm atlas:memory"),
  entry("memory.backend", "1GiB", "1GiB", /whole number from 32/, setMemory("backend")),
  entry("memory.backend", 1.5, "1.5", /whole number/, setMemory("backend")),
  entry("memory.postgres", 16, "16", /at least 32/, setMemory("postgres")),
  entry("memory.postgres", 2 ** 21, "2097152", /at most 1048576/, setMemory("postgres")),
  entry("memory.redis", 64, "(a value)", /not a key/, "rm --path atlas:memory.redis"),
  plain("rotate", "yes", /must be an object/, "rm atlas:rotate"),
  entry("rotate.jwt", "now", "now", /whole number/, "set --path atlas:rotate.jwt 1"),
  entry("rotate.jwt", -1, "-1", /whole number/, "set --path atlas:rotate.jwt 1"),
  entry(
    "rotate.root",
    1,
    "(a value)",
    /database, storage, jwt, admin, superAdmin/,
    "rm --path atlas:rotate.root",
  ),
  plain("backendEnv", "SMTP_HOST=x", /must be an object/, "rm atlas:backendEnv"),
  plain("backendEnv", '"text"', /must be an object/, "rm atlas:backendEnv"),
  plain("frontendEnv", "null", /must be an object/, "rm atlas:frontendEnv"),
  entry("backendEnv.SMTP-HOST", "x", "x", /not a name of an environment/, dropVariable("SMTP-HOST")),
  entry("backendEnv.1ST", "x", "x", /not a name of an environment/, dropVariable("1ST")),
  entry("backendEnv.LDAP", { url: "x" }, '{"url":"x"}', /text, a number or a boolean/, dropVariable("LDAP")),
  entry("backendEnv.LDAP", null, "null", /text, a number or a boolean/, dropVariable("LDAP")),
  reserved("PUBLIC_API_URL", /follows from atlas:publicUrl/),
  reserved("DB_URL", /its own database/),
  reserved("DB_PWD", /raise atlas:rotate.database/),
  reserved("JWT_SECRET_KEY", /raise atlas:rotate.jwt/),
  reserved("MINIO_SECRET_KEY", /raise atlas:rotate.storage/),
  reserved("ALLOWED_ORGANIZATION_ADMINS", /strangers from founding/),
  reserved("INVITATION_VIA_EMAIL", /naming their own role/),
  reserved("SINGLE_INGRESS", /rate limiter/),
  reserved("SERVER_PORT", /8080/),
  entry("frontendEnv.API_URL", "x", "x", /atlas:publicUrl/, "rm --path atlas:frontendEnv.API_URL"),
  entry(
    "backendEnv.ENABLE_EMAIL_NOTIFICATIONS",
    true,
    "true",
    /without a mail server/,
    "set --path atlas:backendEnv.SMTP_HOST mail.plant.example",
  ),
  { ...plain("postgresPort", "8080", /port of atlas:publicUrl/, setPort), what: "one port for two things" },
  {
    ...plain("postgresPort", "80", /port of atlas:publicUrl/, setPort),
    what: "PostgreSQL on the port that http means",
    values: { publicUrl: "http://cmms.plant.example", postgresPort: "80" },
  },
  {
    ...plain(
      "pubicUrl",
      "(a value)",
      /not a key of this project; known here: host, publicUrl, /,
      "rm atlas:pubicUrl",
    ),
    what: "a key that is mistyped",
    values: { pubicUrl: "http://localhost" },
  },
];

describe("a wrong value is one fault with its key, its value and the command that mends it", () => {
  test.each(table)("$what", ({ values, key, value, reason, mend }) => {
    const { faults, message } = refused(values);
    expect(faults).toEqual([
      { key: `atlas:${key}`, value, reason: expect.stringMatching(reason), mend: `pulumi config ${mend}` },
    ]);
    expect(message).toContain("1 configuration fault\n");
    expect(message).toContain(`  atlas:${key} = ${value}\n`);
    expect(message).toContain(`    mend: pulumi config ${mend}`);
  });
});

test("the required key is missing", () => {
  const parse = () => parseConfig({ values: {}, secretKeys: new Set(), stack: "dev" });
  expect(parse).toThrow(
    [
      "1 configuration fault",
      "  atlas:adminEmail = (not set)",
      "    must be the e-mail address of the first administrator",
      "    mend: pulumi config set atlas:adminEmail you@plant.example",
    ].join("\n"),
  );
});

test.each(["host", "adminEmail", "organization", "postgresPort", "storage", "smoke"])(
  "an empty %s is a fault, and its value is shown as something one can see",
  (key) => {
    const faults = faultsOf({ [key]: "" });
    expect(faults).toEqual([expect.objectContaining({ key: `atlas:${key}` })]);
    expect(faults[0]?.value).toMatch(/\S/);
  },
);

test("a name with a full stop is written so that the command finds it", () => {
  const [fault] = faultsOf({ backendEnv: json({ "spring.mail.host": "mail" }) });
  expect(fault?.mend).toBe(`pulumi config rm --path 'atlas:backendEnv["spring.mail.host"]'`);
});

test("credentials are refused with a password alone, too", () => {
  expect(faultsOf({ publicUrl: "http://:pw@cmms.plant.example" })[0]?.reason).toMatch(/credentials/);
});

test("port 0 in the address would be any port", () => {
  expect(faultsOf({ publicUrl: "http://localhost:0" })[0]?.key).toBe("atlas:publicUrl");
});

test("mail that is switched on in another spelling needs a mail server as well", () => {
  // Spring reads TRUE as true.
  const [fault] = faultsOf({ backendEnv: json({ ENABLE_EMAIL_NOTIFICATIONS: "TRUE" }) });
  expect(fault?.key).toBe("atlas:backendEnv.ENABLE_EMAIL_NOTIFICATIONS");
});

describe("several at once", () => {
  test("every faulty key is named", () => {
    const { faults, message } = refused({
      publicUrl: "cmms",
      adminEmail: "boss",
      storage: "maybe",
      smoke: "never",
      postgresPort: "x",
      organization: "",
      namePrefix: "A",
      imageMirror: "a/",
      images: json({ postgres: "postgres", nginx: "nginx:1" }),
      memory: json({ backend: 1 }),
      backendEnv: json({ DB_URL: "x", "A-B": "y" }),
      frontendEnv: "[]",
      rotate: json({ jwt: -1 }),
      adminPassword: "short",
      colour: "red",
      size: "9",
    });
    expect(faults.map(({ key }) => key).toSorted()).toEqual(
      [
        "publicUrl adminEmail storage smoke postgresPort organization namePrefix imageMirror images.postgres",
        "images.nginx memory.backend backendEnv.DB_URL backendEnv.A-B frontendEnv rotate.jwt adminPassword",
        "colour size",
      ]
        .join(" ")
        .split(" ")
        .map((key) => `atlas:${key}`)
        .toSorted(),
    );
    expect(message).toContain("18 configuration faults\n");
    for (const { key, value, reason, mend } of faults)
      expect(message).toContain(`  ${key} = ${value}\n    ${reason}\n    mend: ${mend}`);
  });

  test("faults between keys are named together with those of single keys", () => {
    const keys = faultsOf({
      storage: "maybe",
      postgresPort: "8080",
      adminPassword: "a long enough password",
      backendEnv: json({ ENABLE_EMAIL_NOTIFICATIONS: "true" }),
    }).map(({ key }) => key);
    expect(keys.toSorted()).toEqual([
      "atlas:adminPassword",
      "atlas:backendEnv.ENABLE_EMAIL_NOTIFICATIONS",
      "atlas:postgresPort",
      "atlas:storage",
    ]);
  });
});
