// Text that other people chose, in a Markdown document: it can neither break out of its place nor call anybody.

/** As code, on one line, and not longer than a line should be. */
export function code(text: string, longest = 200): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("`", "'").trim();
  return `\`${(line.length > longest ? `${line.slice(0, longest)}…` : line) || " "}\``;
}

/** As a block of code, with a fence that the text does not hold; of a longer text the end, where errors stand. */
export function block(text: string, longest = 4000): string {
  const shown = text.trim().length > longest ? `…${text.trim().slice(-longest)}` : text.trim();
  const runs = shown.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}text\n${shown}\n${fence}`;
}

/** `digitalocean:index/volume:Volume` as `digitalocean Volume`, a dynamic resource under its own package. */
export function kind(type: string): string {
  const [owner = "", module = "", name = type] = type.split(":");
  return `${owner === "pulumi-nodejs" ? module.replace("dynamic/", "") : owner} ${name}`;
}

/** A part of a document that may be shortened at its end. */
export interface Part {
  head: string;
  items: string[];
  tail: string;
  /** Is shortened before parts of a higher rank are; undefined never. */
  rank?: number;
  /** As many items stay in any case. */
  atLeast?: number;
}

export const text = (head: string): Part => ({ head, items: [], tail: "" });

/** The parts as one text of at most so many characters: where it must be, the lists are shortened, and say so. */
export function fitted(parts: Part[], limit: number): string {
  const shown = parts.map(({ items }) => items.length);
  const whole = () => join(parts, shown);
  const ranked = parts
    .map(({ rank, items, atLeast = 0 }, index) => ({ rank, items, atLeast, index }))
    .filter(({ rank }) => rank !== undefined)
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  for (const { items, atLeast, index } of ranked) {
    let excess = whole().length - limit;
    if (excess <= 0) break;
    // Room for the line that says how many are missing.
    excess += 100;
    let count = items.length;
    while (excess > 0 && count > Math.min(atLeast, items.length)) {
      count--;
      excess -= (items[count] ?? "").length + 1;
    }
    shown[index] = count;
  }
  return whole();
}

const join = (parts: Part[], shown: number[]): string =>
  `${parts.map((part, index) => partText(part, shown[index] ?? 0)).join("\n\n")}\n`;

function partText({ head, items, tail }: Part, shown: number): string {
  const missing = items.length - shown;
  const more = missing > 0 ? [`- and ${missing} more; the run's summary and its artefact name them`] : [];
  return [head, ...items.slice(0, shown), ...more, tail].filter(Boolean).join("\n");
}
