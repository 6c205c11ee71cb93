// The faults that a machine does to itself, as shell for root: each ends by itself, also when nobody is listening any more.
import type { Fault, Kind } from "./plan.ts";

/** Done by the provider, from outside. */
export type Outside = "reboot" | "power cycle";

type Script = (fault: Fault, container: string) => string;

const scripts: Record<Exclude<Kind, Outside>, Script> = {
  // Not by `docker kill`, which counts as a person's wish that it be down.
  kill: (_, container) => `kill -KILL ${firstProcess(container)}`,
  disconnect: ({ seconds }, container) => `networks=$(${networksOf(container)})
each() { echo "$networks" | while read -r network aliases; do "$@"; done; }
leave() { docker network disconnect "$network" ${container}; }
join() { docker network connect $aliases "$network" ${container}; }
each leave
sleep ${seconds}
each join`,
  // In its own network namespace, where it keeps address and connections.
  "drop packets": ({ seconds }, container) => `process=${firstProcess(container)}
rule() {
  nsenter --target "$process" --net iptables "$1" INPUT ! --in-interface lo --jump DROP
  nsenter --target "$process" --net iptables "$1" OUTPUT ! --out-interface lo --jump DROP
}
${whileRulesHold(seconds)}`,
  "cut network": ({ seconds }) => `card=$(ip route show default | sed 's/.* dev \\([^ ]*\\).*/\\1/')
rule() {
  iptables "$1" INPUT --in-interface "$card" --jump DROP
  iptables "$1" OUTPUT --out-interface "$card" --jump DROP
  iptables "$1" FORWARD --in-interface "$card" --jump DROP
  iptables "$1" FORWARD --out-interface "$card" --jump DROP
}
${whileRulesHold(seconds)}`,
  "fill disk": ({ seconds }) => `${fillDisk}
sleep ${seconds}`,
  "fill disk and kill": ({ seconds }, container) => `${fillDisk}
kill -KILL ${firstProcess(container)}
sleep ${seconds}`,
  "kill engine": ({ target }) => killMain(target),
  // With the processes between it and the containers, which then are nobody's any more.
  "kill shims": ({ target }) => `systemctl kill --signal KILL ${target}.service`,
  // Longer than systemd puts up with as a rule.
  "crash loop": ({ target, seconds }) => `until [ $SECONDS -ge ${seconds} ]; do
  if systemctl is-active --quiet ${target}.service; then ${killMain(target)}; fi
  sleep 0.2
done`,
  // As somebody does who changes its settings.
  "stop engine": ({ seconds }) => `systemctl stop docker.socket docker.service
sleep ${seconds}
systemctl start docker.socket docker.service`,
  pause: ({ seconds }, container) => `docker pause ${container}
sleep ${seconds}
docker unpause ${container}`,
};

const firstProcess = (container: string) => `$(docker inspect --format '{{.State.Pid}}' ${container})`;

const killMain = (service: string) => `systemctl kill --kill-whom=main --signal KILL ${service}.service`;

/** A line for each: its name, and the options that give the container its names there back. */
const networksOf = (container: string) =>
  `docker inspect --format '{{range $name, $end := .NetworkSettings.Networks}}{{$name}}{{range $end.Aliases}} --alias {{.}}{{end}}{{"\\n"}}{{end}}' ${container} | grep .`;

const whileRulesHold = (seconds: number) => `rule --insert
sleep ${seconds}
rule --delete`;

/** To the last block, those that are kept for root among them. */
const fillDisk = `folder=/var/lib/atlas/chaos-fill
trap 'rm -rf $folder' EXIT
mkdir $folder
number=0
for size in 1G 64M 1M 4K; do
  while fallocate --length $size $folder/$((number += 1)) 2> /dev/null; do :; done
done`;

export const isOutside = (kind: Kind): kind is Outside => !(kind in scripts);

/** @param container by the name of a service; for a fault that is not about one it is not asked. */
export function scriptOf(fault: Fault, container: (service: string) => string): string {
  if (isOutside(fault.kind)) throw new Error(`a ${fault.kind} is nothing that a machine does to itself`);
  return `set -eu; trap '' HUP PIPE\n${scripts[fault.kind](fault, container(fault.target))}\n`;
}
