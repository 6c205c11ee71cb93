import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { BcryptResult, BcryptTask } from "./bcrypt-worker.ts";

/** Runs bcrypt on as many threads as there are cores, started when first needed; they never keep the process alive. */
class BcryptPool {
  readonly #workers: Worker[] = [];
  readonly #waiting = new Map<number, PromiseWithResolvers<string | boolean>>();
  #nextId = 0;

  async hash(password: string): Promise<string> {
    return String(await this.#run(password, undefined));
  }

  async matches(password: string, hash: string): Promise<boolean> {
    return (await this.#run(password, hash)) === true;
  }

  #run(password: string, hash: string | undefined): Promise<string | boolean> {
    const task: BcryptTask = { id: this.#nextId++, password, hash };
    const waiting = Promise.withResolvers<string | boolean>();
    this.#waiting.set(task.id, waiting);
    this.#workerFor(task.id).postMessage(task);
    return waiting.promise;
  }

  #workerFor(id: number): Worker {
    const slot = id % availableParallelism();
    const worker = this.#workers[slot] ?? this.#startWorker();
    this.#workers[slot] = worker;
    return worker;
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL("./bcrypt-worker.ts", import.meta.url));
    worker.on("message", ({ id, result }: BcryptResult) => {
      this.#waiting.get(id)?.resolve(result);
      this.#waiting.delete(id);
    });
    worker.on("error", (fault) => {
      for (const waiting of this.#waiting.values()) waiting.reject(fault);
      this.#waiting.clear();
      this.#workers.length = 0;
    });
    worker.unref();
    return worker;
  }
}

export const bcryptPool = new BcryptPool();
