// Containers, disks, certificate and Atlas' answers.
import { bytesText, counted, durationText, percentText, timeText } from "../words.ts";
import type {
  AtlasFacts,
  CertificateFacts,
  ContainerFacts,
  DiskFacts,
  Judgement,
  Verdict,
} from "./condition.ts";
import { thresholds } from "./thresholds.ts";

/** @param now in UTC */
export function judgedContainer(facts: ContainerFacts, now: string): Judgement {
  const { container, status, health } = facts;
  const next = `docker logs --tail 100 ${container}`;
  if (status === "missing")
    return { verdict: "bad", why: `there is no container ${container}`, next: "docker ps -a" };
  if (status !== "running") return { verdict: "bad", why: `is ${status}`, next };
  if (health === "unhealthy") return { verdict: "bad", why: "runs, but its health check fails", next };
  if (health === "starting") return { verdict: "warning", why: "is starting" };
  const strain = strainOf(facts, Date.parse(now));
  const why = [health === "healthy" ? "healthy" : "runs, without a health check", ...memoryText(facts)];
  const used = usedOf(facts);
  if (strain.length > 0) return { verdict: "warning", why: [...strain, ...why].join(", "), next, ...used };
  return { verdict: "ok", why: why.join(", "), ...used };
}

function strainOf({ restarts, startedAt, memoryBytes = 0, memoryLimitBytes }: ContainerFacts, now: number) {
  const upMs = startedAt === undefined ? 0 : now - Date.parse(startedAt);
  return [
    ...(restarts > 0 && upMs < thresholds.restartMs
      ? [`was restarted by Docker ${durationText(upMs)} ago (${counted(restarts, "restart")} in all)`]
      : []),
    ...(memoryLimitBytes > 0 && memoryBytes >= thresholds.memory.warning * memoryLimitBytes
      ? ["is close to its memory limit"]
      : []),
  ];
}

const usedOf = ({ memoryBytes, memoryLimitBytes }: ContainerFacts) =>
  memoryBytes === undefined || memoryLimitBytes === 0 ? {} : { used: memoryBytes / memoryLimitBytes };

function memoryText({ memoryBytes, memoryLimitBytes }: ContainerFacts): string[] {
  if (memoryBytes === undefined) return [];
  const limit = memoryLimitBytes === 0 ? "" : ` of ${bytesText(memoryLimitBytes)}`;
  return [`${bytesText(memoryBytes)}${limit}`];
}

export function judgedDisk(facts: DiskFacts): Judgement {
  const { sizeBytes, usedBytes, freeBytes, inodes, inodesFree, path } = facts;
  // As df reckons: what is reserved for root is neither used nor free.
  const bytes = usedBytes / Math.max(1, usedBytes + freeBytes);
  const files = inodes === 0 ? 0 : (inodes - inodesFree) / inodes;
  const verdict = above(Math.max(bytes, files), thresholds.disk);
  const why = [
    `${percentText(bytes)} of ${bytesText(sizeBytes)} used`,
    `${bytesText(freeBytes)} free`,
    ...(files > bytes ? [`${percentText(files)} of its inodes used`] : []),
  ];
  return {
    verdict,
    used: Math.max(bytes, files),
    why: `${why.join(", ")} (${path})`,
    ...(verdict !== "ok" && { next: `docker system df; du -xh --max-depth=2 ${path} | sort -h | tail` }),
  };
}

const above = (value: number, { warning, bad }: { warning: number; bad: number }): Verdict =>
  value >= bad ? "bad" : value >= warning ? "warning" : "ok";

/** @param now in UTC */
export function judgedCertificate(facts: CertificateFacts, now: string, ingress: string): Judgement {
  const { expiresAt, issuer, wrongName } = facts;
  const next = `docker logs --tail 100 ${ingress}`;
  if (wrongName !== undefined) return { verdict: "bad", why: wrongName, next };
  const left = Date.parse(expiresAt) - Date.parse(now);
  if (left <= 0) return { verdict: "bad", why: `expired on ${timeText(expiresAt)}`, next };
  const { warning, bad } = thresholds.certificateMs;
  const why = `${durationText(left)} left, until ${timeText(expiresAt)}, by ${issuer}`;
  if (left >= warning) return { verdict: "ok", why };
  return { verdict: left < bad ? "bad" : "warning", why: `not renewed: ${why}`, next };
}

export function judgedAtlas({ calls, time }: AtlasFacts, backend: string): Judgement {
  const next = `docker logs --tail 100 ${backend}`;
  const at = ` (at ${timeText(time)})`;
  const silent = calls.find(({ error }) => error !== undefined);
  if (silent) return { verdict: "bad", why: `${silent.name}: ${silent.error}${at}`, next };
  // Atlas has answered: others behind the same address have used up what it grants to strangers.
  const refused = calls.find(({ status }) => status === 429);
  if (refused) return { verdict: "warning", why: `${refused.name}: HTTP 429, too many anonymous calls${at}` };
  const failed = calls.find(({ status }) => status !== 200);
  if (failed) return { verdict: "bad", why: `${failed.name}: HTTP ${failed.status}${at}`, next };
  const why = calls.map(({ name, seconds }) => `${name} ${durationText(seconds * 1000)}`).join(", ");
  const slow = calls.some(({ seconds }) => seconds * 1000 > thresholds.latencyMs);
  return slow ? { verdict: "warning", why: `slow: ${why}${at}`, next } : { verdict: "ok", why };
}
