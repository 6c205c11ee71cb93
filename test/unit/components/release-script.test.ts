// The script that applies a release, run by a real bash on a folder of the test's own; docker and systemctl are fake.
import { mkdir, readdir, readFile, readlink, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { releaseInput } from "../../../components/hosts/droplet/release.ts";
import { hidden } from "../../../components/secrets/hide.ts";
import { FakeCommands } from "./fake-commands.ts";

// State of the fake machine: $FAKE/states is what `docker inspect` says of a release's containers, one file for each
// name that compose.yaml holds; what fails does so by a file of that name.
const docker = `
echo "docker $* [$COMPOSE_PROFILES]" | sed "s|$FAKE||g" >> "$FAKE/calls"
folder=$3
case "$*" in
  *" pull "*) if [ -e "$FAKE/no-pull" ]; then echo "manifest unknown" >&2; exit 18; fi;;
  *" up "*)
    [ ! -e "$FAKE/no-up" ] || { echo "port is already allocated" >&2; exit 1; }
    cat "$folder/compose.yaml" > "$FAKE/running";;
  *" ps "*) [ ! -e "$FAKE/no-ps" ] || { rm "$FAKE/no-ps"; exit 1; }; echo id-of-backend;;
  inspect*)
    [ $# -gt 3 ] || { echo '"docker inspect" requires at least 1 argument' >&2; exit 1; }
    states=$FAKE/states-$(cat "$FAKE/running")
    # One line a call, the last one for ever.
    head -n 1 "$states" | tr ';' '\\n'
    if [ "$(wc -l < "$states")" -gt 1 ]; then sed -i 1d "$states"; fi
    [ ! -e "$FAKE/no-inspect" ] || { rm "$FAKE/no-inspect"; exit 1; };;
  logs*) echo "the last words of $4"; [ ! -e "$FAKE/words" ] || cat "$FAKE/words";;
esac`;

// What ops/ says and whether it fails is in files of the act's name.
const node = `
echo "node $2 [$COMPOSE_PROFILES]" >> "$FAKE/calls"
if [ -e "$FAKE/no-$2" ]; then printf '%s\\n' '{"level":"error","message":"the disk is full\\nnext: make room","act":"x"}' >&2; exit 1; fi
echo "said by $2"`;

const commands = {
  docker,
  node,
  systemctl: `echo "systemctl $*" >> "$FAKE/calls"`,
  mountpoint: `[ ! -e "$FAKE/unmounted" ]`,
};
const healthy = "/atlas-backend running healthy 0 0;/atlas-postgres running healthy 0 0";
const exited = "/atlas-postgres running healthy 0 0;/atlas-backend exited unhealthy 0 3";

let machine: FakeCommands;
beforeEach(async () => {
  machine = await FakeCommands.of(commands);
  await mkdir(path.join(machine.folder, "systemd"));
});
afterEach(() => machine[Symbol.asyncDispose]());

const file = (name: string) => path.join(machine.folder, name);
const data = (name = "") => file(path.join("data", name));
const releases = (name = "") => data(path.join("releases", name));
const exists = (name: string) =>
  stat(name).then(
    () => true,
    () => false,
  );

/** The states that a release's containers go through. */
const goesThrough = (release: string, ...states: string[]) =>
  writeFile(file(`states-${release}`), states.map((line) => `${line}\n`).join(""));

interface Outcome {
  code: number | string;
  output: string;
}

/** Applies a release whose compose file is its name. */
async function apply(
  release: string,
  { env = 'A="1"\n', patience = 900, secrets = [] as string[], images = "" } = {},
): Promise<Outcome> {
  const text = releaseInput(
    {
      "compose.yaml": release,
      ".env": env,
      Caddyfile: ":80 {\n\trespond `$x`\n}\n",
      ...(images && { "images.json": images }),
    },
    ["postgres", "storage"],
    hidden(secrets),
  )
    .replace("data=/var/lib/atlas\n", `data=${data()}\n`)
    .replace("unit=/etc/systemd/system/", `unit=${file("systemd")}/`)
    .replace("operations=/usr/local/lib/atlas/ops.mjs", `operations=${file("ops.mjs")}`)
    .replace("patience=900", `patience=${patience}`);
  await writeFile(file("input"), text);
  const running = machine.start(["bash", "-c", `exec bash -s < ${file("input")}`]);
  const code = await running.ended;
  return { code, output: running.output };
}
const folderOf = async (link: string) => path.basename(await readlink(releases(link)));
const contentOf = (link: string) => readFile(releases(`${link}/compose.yaml`), "utf8");
const calls = async () => (await machine.read("calls")).trim().split("\n");
const kept = async () => (await readdir(releases())).filter((name) => /^[0-9a-f]{12}$/.test(name)).length;
const leftovers = async () => (await readdir(releases())).filter((name) => /^\.(incoming|link)/.test(name));

describe("a first release", () => {
  test("becomes the current and the good one, and a service of the machine", async () => {
    await goesThrough("one", healthy);
    const { code, output } = await apply("one");
    expect(output).toMatch(/^pulling images\nstarting\nrelease [0-9a-f]{12} runs\n$/);
    expect(code).toBe(0);
    expect([await contentOf("current"), await contentOf("good")]).toEqual(["one", "one"]);
    expect(await leftovers()).toEqual([]);
    const said = await calls();
    expect(said.map((line) => line.replace(/[0-9a-f]{12}/g, "REV"))).toEqual([
      "docker compose --project-directory /data/releases/REV --file /data/releases/REV/compose.yaml --profile public pull --policy missing --quiet []",
      "systemctl daemon-reload",
      "docker compose --project-directory /data/releases/current --file /data/releases/current/compose.yaml up --detach --remove-orphans []",
      "docker compose --project-directory /data/releases/current --file /data/releases/current/compose.yaml ps --all --quiet []",
      expect.stringMatching(/^docker inspect --format .* id-of-backend \[\]$/),
      "systemctl enable --quiet atlas.service",
      "systemctl start atlas.service",
    ]);
  });

  test("starts after Docker, and runs on when that fails or is started anew", async () => {
    await goesThrough("one", healthy);
    await apply("one");
    const unit = await readFile(file("systemd/atlas.service"), "utf8");
    expect(unit).toMatch(/^After=.*docker\.service/m);
    expect(unit).toMatch(/^Wants=.*docker\.service/m);
    // Either would stop the containers along with Docker, by way of a Docker that is not there.
    expect(unit).not.toMatch(/^(Requires|BindsTo)=.*docker\.service/m);
  });

  test("has its files as they were sent, readable to those who need them", async () => {
    await goesThrough("one", healthy);
    const env = 'A="\\$x \\" `date` $(date) \\\\"\nB="é"\n';
    await apply("one", { env });
    expect(await readFile(releases("current/.env"), "utf8")).toBe(env);
    expect(await readFile(releases("current/Caddyfile"), "utf8")).toBe(":80 {\n\trespond `$x`\n}\n");
    const mode = async (name: string) => ((await stat(name)).mode & 0o777).toString(8);
    expect({
      env: await mode(releases("current/.env")),
      compose: await mode(releases("current/compose.yaml")),
      Caddyfile: await mode(releases("current/Caddyfile")),
      log: await mode(releases("current/log")),
      release: await mode(releases(await folderOf("current"))),
      releases: await mode(releases()),
      volume: await mode(data("volumes/postgres")),
      unit: await mode(file("systemd/atlas.service")),
    }).toEqual({
      env: "600",
      compose: "644",
      Caddyfile: "644",
      log: "600",
      release: "700",
      releases: "700",
      volume: "755",
      unit: "644",
    });
  });

  test("that does not start says so, with the container's last words", async () => {
    await goesThrough("one", exited);
    const { code, output } = await apply("one");
    expect(code).toBe(1);
    expect(output).toContain(": container atlas-backend has stopped with exit code 3\n");
    expect(output).toContain("its last log lines:\n    | the last words of atlas-backend\n");
    expect(output).toContain("there is no earlier release to go back to\n");
    expect(output).toMatch(/next: scripts\/ssh STACK docker logs atlas-backend;/);
    // It is not started at the next boot, and the next one cannot go back to it.
    expect(await exists(releases("good"))).toBe(false);
    expect((await calls()).join()).not.toContain("systemctl enable");
  });

  test("that did not start is applied anew when the cause is mended elsewhere", async () => {
    await goesThrough("one", exited);
    await apply("one");
    await goesThrough("one", healthy);
    expect((await apply("one")).code).toBe(0);
    expect(await contentOf("good")).toBe("one");
  });
});

describe("a later release", () => {
  beforeEach(async () => {
    await goesThrough("one", healthy);
    await apply("one");
    await writeFile(file("calls"), "");
  });

  test("takes the place of the one before, with the proxy where the door is open", async () => {
    await writeFile(data("door.env"), "COMPOSE_PROFILES=public\n");
    await goesThrough("two", healthy);
    expect((await apply("two")).code).toBe(0);
    expect([await contentOf("current"), await contentOf("good")]).toEqual(["two", "two"]);
    expect((await calls()).find((line) => line.includes(" up "))).toContain("[public]");
    // The unit is the same: nothing to reload.
    expect((await calls()).join()).not.toContain("daemon-reload");
  });

  test("of the same content changes nothing and leaves nothing", async () => {
    const before = await folderOf("current");
    expect((await apply("one")).code).toBe(0);
    expect(await folderOf("current")).toBe(before);
    expect(await kept()).toBe(1);
    expect(await leftovers()).toEqual([]);
  });

  test("waits for its containers", async () => {
    const booting = "/atlas-backend running starting 0 0;/atlas-postgres running healthy 0 0";
    const created = "/atlas-backend created none 0 0;/atlas-postgres running starting 0 0";
    const restarting = "/atlas-backend restarting starting 1 1;/atlas-postgres running healthy 0 0";
    await goesThrough("two", created, booting, restarting, healthy);
    expect((await apply("two")).code).toBe(0);
    expect(await contentOf("good")).toBe("two");
  });

  test.each([
    ["inspect", ["/atlas-postgres running healthy 0 0", exited]],
    ["ps", [exited]],
  ])("is not taken for healthy while docker %s fails", async (command, states) => {
    await goesThrough("two", ...states);
    await writeFile(file(`no-${command}`), "");
    const { code, output } = await apply("two");
    expect(output).toContain("container atlas-backend has stopped");
    expect(code).toBe(1);
  });

  test("whose image cannot be pulled touches nothing", async () => {
    await writeFile(file("no-pull"), "");
    const { code, output } = await apply("two");
    expect(code).toBe(1);
    expect(output).toContain(
      "an image cannot be pulled; nothing was touched, what ran before still runs\n  manifest unknown\n  next: ",
    );
    expect(await contentOf("current")).toBe("one");
    expect((await calls()).join()).not.toContain(" up ");
  });

  test.each([
    ["stops", [exited], "container atlas-backend has stopped with exit code 3"],
    ["is unhealthy", ["/atlas-backend running unhealthy 0 0"], "container atlas-backend is unhealthy"],
    [
      "crashes again and again",
      [4, 5, 6, 7].map((n) => `/atlas-backend restarting starting ${n} 9`),
      "container atlas-backend has crashed 3 times, last with exit code 9",
    ],
    ["is dead", ["/atlas-backend dead none 0 137"], "container atlas-backend has stopped with exit code 137"],
  ])("with a container that %s puts the one before back and fails", async (_, states, problem) => {
    await goesThrough("two", ...states);
    const { code, output } = await apply("two");
    expect(code).toBe(1);
    expect(output).toMatch(/not healthy; going back to [0-9a-f]{12}\n/);
    expect(output).toMatch(new RegExp(`release [0-9a-f]{12}: ${problem}\n`));
    expect(output).toContain("    | the last words of atlas-backend\n");
    expect(output).toMatch(/the release before it, [0-9a-f]{12}, serves again\n {2}next: /);
    expect([await contentOf("current"), await contentOf("good"), await machine.read("running")]).toEqual([
      "one",
      "one",
      "one",
    ]);
  });

  test("that tells its secrets when it crashes is told of without them", async () => {
    await goesThrough("two", exited);
    const key = "-----BEGIN KEY-----\nc2VjcmV0bGluZQ==\n";
    await writeFile(file("words"), `PWD="a*b" $HOME & 100%\\ X=a*b1234 Y=true Z=aXb1234\n${key}`);
    const secrets = ["a*b1234", '"a*b" $HOME & 100%\\', "true", key];
    const { output } = await apply("two", { secrets });
    expect(output).toContain("  | PWD=[secret] X=[secret] Y=true Z=aXb1234\n  | [secret]\n  | [secret]\n");
    expect(await machine.read("calls")).not.toContain("a*b");
  });

  test("that is not healthy in time goes back, too", async () => {
    await goesThrough("two", "/atlas-postgres running healthy 0 0;/atlas-backend running starting 0 0");
    const { output } = await apply("two", { patience: 1 });
    expect(output).toContain("container atlas-backend is not healthy after 1 s");
    expect(await contentOf("current")).toBe("one");
  });

  test("that compose cannot start says what compose said", async () => {
    await writeFile(file("no-up"), "");
    const { code, output } = await apply("two");
    expect(code).toBe(1);
    expect(output).toContain("the containers cannot be started: port is already allocated");
    expect(output).toContain(
      "and the release before it does not start either: the containers cannot be started",
    );
    expect(output).toContain("next: scripts/ssh STACK systemctl status atlas");
    // What is to run at the next boot is the one that has worked.
    expect(await contentOf("current")).toBe("one");
  });

  test("is the fifth before any is forgotten, and then the oldest goes", async () => {
    const names = ["one", "two", "three", "four", "five", "six", "seven"];
    for (const [index, name] of names.entries()) {
      await goesThrough(name, healthy);
      await apply(name);
      expect(await kept()).toBe(Math.min(index + 1, 5));
      const when = new Date(Date.now() - 1_000_000 + index * 1000);
      await utimes(releases(await folderOf("good")), when, when);
    }
    const contents = (await readdir(releases()))
      .filter((name) => /^[0-9a-f]{12}$/.test(name))
      .map((name) => contentOf(name));
    expect((await Promise.all(contents)).toSorted()).toEqual(names.slice(2).toSorted());
    expect([await contentOf("current"), await contentOf("good")]).toEqual(["seven", "seven"]);
  });

  test("that was kept is taken up again", async () => {
    await goesThrough("two", healthy);
    await apply("two");
    expect((await apply("one")).code).toBe(0);
    expect([await contentOf("current"), await contentOf("good"), await kept()]).toEqual(["one", "one", 2]);
  });
});

describe("another version", () => {
  beforeEach(async () => {
    await writeFile(file("ops.mjs"), "");
    await goesThrough("one", healthy);
    await apply("one", { images: "v1" });
    await writeFile(data("door.env"), "COMPOSE_PROFILES=public\n");
    await writeFile(file("calls"), "");
  });
  /** What was called, as act or command of compose, and whether the door was open for it. */
  const steps = async () =>
    (await calls()).flatMap((line) => {
      const [, step] = / (upgrade|rollback|serving|up|rm|stop) /.exec(line) ?? [];
      return step ? [`${step} ${line.endsWith("[public]") ? "open" : "shut"}`] : [];
    });

  test("is prepared before anything changes, and let in only when it is healthy", async () => {
    await goesThrough("two", healthy);
    const { code, output } = await apply("two", { images: "v2" });
    expect(code, output).toBe(0);
    expect(output).toContain("said by upgrade\n");
    expect(await steps()).toEqual(["upgrade shut", "rm open", "up shut", "up open"]);
  });

  test("that is none is not prepared", async () => {
    await goesThrough("two", healthy);
    expect((await apply("two", { images: "v1" })).code).toBe(0);
    expect(await steps()).toEqual(["up open"]);
  });

  test("is not begun where no backup can be taken", async () => {
    await writeFile(file("no-upgrade"), "");
    const { code, output } = await apply("two", { images: "v2" });
    expect(code).toBe(1);
    expect(output).toContain(
      "no backup could be taken before it; what ran before runs again\n  the disk is full\n",
    );
    expect(await contentOf("current")).toBe("one");
    expect(await steps()).toEqual(["upgrade shut"]);
  });

  test("is not begun on a machine that cannot take a backup yet", async () => {
    await rm(file("ops.mjs"));
    const { code, output } = await apply("two", { images: "v2" });
    expect(code).toBe(1);
    expect(output).toContain("this machine is new");
    expect(await contentOf("current")).toBe("one");
    expect(await steps()).toEqual([]);
  });

  test("that is not healthy gives back the data, then the release before, and only then opens the door", async () => {
    await goesThrough("two", exited);
    const { code, output } = await apply("two", { images: "v2" });
    expect(code).toBe(1);
    expect(output).toMatch(/the release before it, [0-9a-f]{12}, serves again/);
    expect(await contentOf("current")).toBe("one");
    expect(await steps()).toEqual([
      ...["upgrade shut", "rm open", "up shut"],
      ...["stop shut", "rollback shut", "up shut", "up open", "serving shut"],
    ]);
  });

  test("whose data cannot be put back stays shut", async () => {
    await goesThrough("two", exited);
    await writeFile(file("no-rollback"), "");
    const { code, output } = await apply("two", { images: "v2" });
    expect(code).toBe(1);
    expect(output).toContain(
      "the door stays shut:\n  the disk is full\n    next: make room\n  next: scripts/rollback",
    );
    expect((await steps()).at(-1)).toBe("rollback shut");
  });
});

describe("what must not happen", () => {
  test("nothing is opened while a restore is half done", async () => {
    await goesThrough("one", healthy);
    await apply("one");
    await mkdir(data("operations"));
    await writeFile(data("operations/restore.json"), '{"id":"set","phase":"swapped"}');
    const { code, output } = await apply("two");
    expect(code).toBe(1);
    expect(output).toContain("a restore was cut off in the middle");
    expect(await contentOf("current")).toBe("one");
    await writeFile(data("operations/restore.json"), '{"id":"set","phase":"loaded"}');
    await goesThrough("two", healthy);
    expect((await apply("two")).code).toBe(0);
  });

  test("nothing is written where the volume is not mounted", async () => {
    await writeFile(file("unmounted"), "");
    const { code, output } = await apply("one");
    expect(code).toBe(1);
    expect(output).toMatch(
      /^the data volume is not mounted at .*next: systemctl status var-lib-atlas\.mount\n$/,
    );
    expect(await exists(data())).toBe(false);
  });

  test("a release that comes only in part is not applied and leaves nothing", async () => {
    await goesThrough("one", healthy);
    await apply("one");
    const whole = await machine.read("input");
    await writeFile(file("input"), whole.slice(0, whole.indexOf("add Caddyfile")));
    expect(await machine.start(["bash", "-c", `exec bash -s < ${file("input")}`]).ended).toBe(0);
    expect(await contentOf("current")).toBe("one");
    expect(await leftovers()).toEqual([]);
  });

  test("two at once go one after the other", async () => {
    const slow = "/atlas-backend running starting 0 0";
    await goesThrough("one", slow, slow, slow, healthy);
    await goesThrough("two", slow, slow, healthy);
    const [one, two] = await Promise.all([apply("one"), apply("two")]);
    expect([one.code, two.code]).toEqual([0, 0]);
    const ups = (await calls())
      .filter((line) => / up | start atlas/.test(line))
      .map((line) => line.split(" ")[0]);
    expect(ups).toEqual(["docker", "systemctl", "docker", "systemctl"]);
    expect(await contentOf("current")).toBe(await contentOf("good"));
  });

  test("no argument of any command holds a value of the environment file", async () => {
    await goesThrough("one", healthy);
    await apply("one", { env: 'PASSWORD="canary-password"\n' });
    expect(await machine.read("calls")).not.toContain("canary");
  });
});
