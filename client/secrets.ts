const REMEMBERED = 32;
const SHORTEST = 6;

/** Remembers what must never be shown, to take it out of text that came from elsewhere (a server's message). */
export class Secrets {
  readonly #values = new Set<string>();

  add(...values: readonly (string | null | undefined)[]): void {
    for (const value of values) {
      // A very short one would tear holes into ordinary words.
      if (value === null || value === undefined || value.length < SHORTEST) continue;
      this.#values.delete(value);
      this.#values.add(value);
    }
    for (const oldest of this.#values) {
      if (this.#values.size <= REMEMBERED) break;
      this.#values.delete(oldest);
    }
  }

  redact(text: string): string {
    let clean = text;
    for (const value of this.#values) clean = clean.replaceAll(value, "[secret]");
    return clean;
  }
}
