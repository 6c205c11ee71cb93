const REMEMBERED = 32;
const SHORTEST = 6;

/** Remembers what must never be shown, to take it out of text that came from elsewhere (a server's message). */
export class Secrets {
  readonly #lasting = new Set<string>();
  readonly #passing = new Set<string>();

  /** Remembered as long as the client lives: its own password or API key. */
  keep(secret: string): void {
    if (isTellable(secret)) this.#lasting.add(secret);
  }

  /** Remembered until a number of newer ones came: tokens, passwords of others. */
  add(...values: readonly (string | null | undefined)[]): void {
    for (const value of values) {
      if (value === null || value === undefined || !isTellable(value)) continue;
      this.#passing.delete(value);
      this.#passing.add(value);
    }
    for (const oldest of this.#passing) {
      if (this.#passing.size <= REMEMBERED) break;
      this.#passing.delete(oldest);
    }
  }

  redact(text: string): string {
    let clean = text;
    for (const secret of [...this.#lasting, ...this.#passing]) {
      for (const spelling of spellings(secret)) clean = clean.replaceAll(spelling, "[secret]");
    }
    return clean;
  }
}

/** A very short one would tear holes into ordinary words. */
function isTellable(secret: string): boolean {
  return secret.length >= SHORTEST;
}

/** As it is, and as it stands in HTML, in a URL, in JSON, and in a message that quotes JSON within JSON. */
function spellings(secret: string): Set<string> {
  const html = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const attribute = html.replaceAll('"', "&quot;").replaceAll("'", "&#39;");
  const plain = [secret, html, attribute, encodeURIComponent(secret)];
  return new Set(plain.flatMap((text) => [text, inJson(text), inJson(inJson(text))]));
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
