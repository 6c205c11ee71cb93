// Behind Machine; loaded by its provider. Each step looks first, so that a run after a crash goes on where the last ended.
import { setTimeout as delay } from "node:timers/promises";
import { type DynamicModule, withinRun } from "../../dynamic-shim.ts";
import { type Finished, runOverSsh, SshError, type SshTarget } from "../ssh.ts";
import { publicKeyOf } from "./keys.ts";
import type { MachineInputs } from "./machine.ts";
import { dataFolder, deviceOf } from "./paths.ts";

/** From the order of a droplet to its ssh server: seconds as a rule, minutes where a region is busy. */
const bootTimeoutMs = 5 * 60_000;
/** Packages come from mirrors that may be slow; the script itself waits 15 minutes for the volume. */
const firstBootTimeoutMs = 25 * 60_000;

/** PostgreSQL may take its minute to close. */
const restTimeoutMs = 3 * 60_000;

type Outputs = MachineInputs & { system: string };

const provider: DynamicModule<MachineInputs, Outputs> = {
  create: async (news) => ({ id: "machine", outs: { ...news, system: await prepare(news) } }),
  update: async (olds, news) => ({ ...news, system: await prepare(news, olds) }),
  delete: putToRest,
};

// "delete" is no name that a module can declare.
const { create, update, delete: remove } = withinRun(provider);

export { create, remove as delete, update };

async function prepare(news: MachineInputs, olds?: MachineInputs): Promise<string> {
  const lasting = publicKeyOf(news.hostKey);
  // A machine that was ready once does not go back to its first key, which others may have read.
  const before = olds?.dropletId === news.dropletId ? [publicKeyOf(olds.hostKey)] : news.firstHostKeys;
  const target: SshTarget = {
    address: news.address,
    user: "root",
    privateKey: news.deployKey,
    hostKeys: [lasting, ...before],
  };
  await firstAnswer(target);
  await finishedFirstBoot(target, news);
  await giveHostKey({ ...target, hostKeys: [lasting] }, target, news.hostKey);
  const known = { ...target, hostKeys: [lasting] };
  await ready(known, news);
  return (await run(known, '. /etc/os-release; echo "$PRETTY_NAME, Linux $(uname -r)"')).trim();
}

/** The network may say anything while a machine boots; a wrong key stays wrong. */
async function firstAnswer(target: SshTarget): Promise<void> {
  const deadline = Date.now() + bootTimeoutMs;
  for (;;) {
    try {
      await runOverSsh(target, "true");
      return;
    } catch (error) {
      if (!(error instanceof SshError) || error.final) throw error;
      if (Date.now() > deadline)
        throw new Error(
          `the droplet at ${target.address} did not let this deployment in for ${bootTimeoutMs / 60_000} minutes: ${error.message}
  next: look at its console in DigitalOcean's control panel, and whether atlas:sshFrom holds this machine's public address; then run the up again`,
          { cause: error },
        );
    }
    await delay(1000);
  }
}

async function finishedFirstBoot(target: SshTarget, { volume }: MachineInputs): Promise<void> {
  // 2: done with warnings of cloud-init's own, which ready() judges by what matters.
  const { code } = await runOverSsh(target, "cloud-init status --wait > /dev/null", {
    timeoutMs: firstBootTimeoutMs,
  });
  if (code === 0 || code === 2) return;
  const { output } = await runOverSsh(target, "tail -n 20 /var/log/cloud-init-output.log");
  throw new Error(
    `the first boot of the droplet at ${target.address} failed; the last lines of its log:
${indented(output)}
  next: if volume ${volume} was not attached, or a package mirror did not answer, a new droplet mends it without touching the data: scripts/up STACK --replace-droplet`,
  );
}

/** The key of the first boot has been in the user data, which every process on the machine can read. */
async function giveHostKey(known: SshTarget, anyKey: SshTarget, hostKey: string): Promise<void> {
  // One at a time, and never a reload: a second signal while it reads its keys anew would end the ssh server for good.
  const install = `set -e; umask 077
exec 9> /run/atlas-host-key.lock; flock 9
file=/etc/ssh/ssh_host_ed25519_key
cat > $file.new
ssh-keygen -y -f $file.new > $file.pub.new
if cmp -s $file.new $file; then rm $file.new $file.pub.new; exit; fi
chmod 644 $file.pub.new
mv $file.pub.new $file.pub; mv $file.new $file
sshd -t
systemctl restart ssh`;
  await run(anyKey, install, hostKey);
  const deadline = Date.now() + 30_000;
  for (;;) {
    const error = await runOverSsh(known, "true").then(
      () => undefined,
      (cause: SshError) => cause,
    );
    if (!error) return;
    if (Date.now() > deadline) throw error;
    await delay(250);
  }
}

async function ready(target: SshTarget, { volume, volumeSize }: MachineInputs): Promise<void> {
  // A replacement that was interrupted may have put the machine to rest.
  const checks = `set -e
systemctl start var-lib-atlas.mount docker || true
mountpoint -q ${dataFolder} || { echo "volume ${volume} is not mounted at ${dataFolder}"; systemctl status --no-pager var-lib-atlas.mount; exit 1; }
for try in $(seq 60); do docker version > /dev/null 2>&1 && break; sleep 1; done
docker version > /dev/null || { systemctl status --no-pager docker; exit 1; }
${growFileSystem(volume)}
[ ! -e /etc/systemd/system/atlas.service ] || systemctl start atlas`;
  const { code, output } = await runOverSsh(target, checks, { timeoutMs: 5 * 60_000 });
  if (code === 0) return;
  throw new Error(
    `the droplet at ${target.address} is not ready for releases (volume ${volume}, ${volumeSize} GiB):
${indented(output)}
  next: scripts/ssh STACK systemctl --failed; then run the up again`,
  );
}

/**
 * The kernel learns of a larger disk on its own. ext4 grows while it is mounted, as a rule; where the kernel does not
 * let it, everything that uses it stops for the moments that it takes.
 */
const growFileSystem = (volume: string) => `device=$(readlink -f ${deviceOf(volume)})
resize2fs $device 2>&1 || {
  systemctl stop var-lib-atlas.mount
  e2fsck -fp $device || [ $? -le 1 ]
  resize2fs $device 2>&1
  systemctl start docker
}`;

/**
 * Before the volume is taken away: the database is closed and the file system unmounted. A machine that does not answer
 * is what most replacements are for; then it is as after a power cut, which both survive.
 */
async function putToRest(olds: MachineInputs): Promise<void> {
  const target: SshTarget = {
    address: olds.address,
    user: "root",
    privateKey: olds.deployKey,
    hostKeys: [publicKeyOf(olds.hostKey)],
  };
  await run(target, "systemctl stop var-lib-atlas.mount", "", restTimeoutMs).catch((error: Error) =>
    console.error(`the machine at ${olds.address} is replaced as it is: ${error.message}`),
  );
}

async function run(target: SshTarget, script: string, input = "", timeoutMs = 30_000): Promise<string> {
  const { code, output } = await runOverSsh(target, script, { input, timeoutMs });
  if (code !== 0) throw new Error(`${target.address}: exit code ${code}\n${indented(output)}`);
  return output.toString();
}

const indented = (output: Finished["output"]) => output.toString().trimEnd().replaceAll(/^/gm, "    | ");
