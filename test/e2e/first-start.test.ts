// PostgreSQL's very first start is cut off as by a power cut, at several moments: the next start works all the same.
import { afterEach, expect, test } from "vitest";
import { docker } from "../../components/hosts/docker-cli.ts";
import { imageFor } from "../../components/services/images.ts";
import { postgres } from "../../components/services/postgres.ts";
import { imageMirror } from "../../sandbox/images/names.ts";
import { until } from "./test-stack.ts";

const name = `sandbox-test-first-start-${process.pid}`;
const service = postgres({
  image: imageFor("postgres", { images: {}, imageMirror }),
  password: "Secret9",
  port: 0,
});

afterEach(async () => {
  await docker(["rm", "--force", name]);
  await docker(["volume", "rm", "--force", name]);
});

const moments = ["PG_VERSION", "global/pg_control", "base/5", "postmaster.pid"];

test.each(moments)("cut off when %s appears", async (file) => {
  const [shell = "", ...script] = service.entrypoint ?? [];
  const environment = Object.entries(service.env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  const volume = ["--volume", `${name}:${service.volumes[0]?.path}`];
  await docker([
    "create",
    "--name",
    name,
    "--user",
    "postgres",
    ...environment,
    ...volume,
    "--entrypoint",
    shell,
    service.image,
    ...script,
  ]);
  await docker(["start", name]);
  const inside = (command: string) =>
    docker(["exec", name, "sh", "-c", command]).then(
      () => true,
      () => false,
    );
  await until(file, 20, () => inside(`[ -e "$PGDATA/${file}" ]`));
  await docker(["kill", name]);
  await docker(["start", name]);
  await until("PostgreSQL to be healthy", 30, () => inside(service.healthcheck.shell));
  expect(
    await inside(`PGPASSWORD=Secret9 psql -h "$(hostname -i)" -U atlas -d atlas -c 'create table t ()'`),
  ).toBe(true);
});
