import type {
  DropletSpec,
  InboundRule,
  Machines,
  PowerAct,
  VolumeSpec,
} from "../../../sandbox/digitalocean/machines.ts";

/** Machines that only remember: what was called, what runs, and what hangs on what. */
export class FakeMachines implements Machines {
  calls: string[] = [];
  droplets = new Map<number, { spec: DropletSpec; running: boolean }>();
  volumes = new Map<string, { spec: VolumeSpec; on?: number | undefined }>();
  addresses = new Map<string, number>();
  rules = new Map<number, InboundRule[] | undefined>();
  /** Calls of this name fail with this message. */
  failing = new Map<string, string>();
  /** While set, every call waits for it. */
  gate: Promise<void> | undefined;

  async #call(name: string, ...facts: unknown[]): Promise<void> {
    this.calls.push([name, ...facts].join(" "));
    await this.gate;
    const message = this.failing.get(name);
    if (message) throw new Error(message);
  }

  #known(id: number) {
    const droplet = this.droplets.get(id);
    if (!droplet) throw new Error(`There is no droplet ${id}.`);
    return droplet;
  }

  async createDroplet(spec: DropletSpec): Promise<void> {
    await this.#call("createDroplet", spec.name);
    this.droplets.set(spec.id, { spec, running: true });
  }

  async destroyDroplet(id: number): Promise<void> {
    await this.#call("destroyDroplet", id);
    for (const volume of this.volumes.values()) if (volume.on === id) volume.on = undefined;
    this.droplets.delete(id);
  }

  async power(id: number, act: PowerAct): Promise<void> {
    await this.#call("power", id, act);
    this.#known(id).running = act !== "power_off" && act !== "shutdown";
  }

  async isRunning(id: number): Promise<boolean> {
    return this.droplets.get(id)?.running ?? false;
  }

  async resizeDroplet(id: number, size: { memoryMiB: number; vcpus: number }): Promise<void> {
    await this.#call("resizeDroplet", id, size.memoryMiB, size.vcpus);
    Object.assign(this.#known(id).spec, size);
  }

  async createVolume(spec: VolumeSpec): Promise<void> {
    await this.#call("createVolume", spec.name);
    this.volumes.set(spec.id, { spec });
  }

  async destroyVolume(id: string): Promise<void> {
    await this.#call("destroyVolume", id);
    this.volumes.delete(id);
  }

  async resizeVolume(id: string, gibibytes: number): Promise<void> {
    await this.#call("resizeVolume", id, gibibytes);
  }

  async attachVolume(id: string, dropletId: number): Promise<void> {
    await this.#call("attachVolume", id, dropletId);
    this.#known(dropletId);
    const volume = this.volumes.get(id);
    if (volume) volume.on = dropletId;
  }

  async detachVolume(id: string, dropletId: number): Promise<void> {
    await this.#call("detachVolume", id, dropletId);
    const volume = this.volumes.get(id);
    if (volume) volume.on = undefined;
  }

  async assignAddress(address: string, dropletId: number | undefined): Promise<void> {
    await this.#call("assignAddress", address, dropletId);
    if (dropletId === undefined) this.addresses.delete(address);
    else this.addresses.set(address, this.#known(dropletId).spec.id);
  }

  async setFirewall(dropletId: number, rules: InboundRule[] | undefined): Promise<void> {
    await this.#call("setFirewall", dropletId);
    this.#known(dropletId);
    this.rules.set(dropletId, rules);
  }

  async close(): Promise<void> {}
}
