/*
 * Atlas runs free text through an HTML sanitiser before it stores it: tags are cut out, `&`, `<`, `>` and the
 * no-break space are stored as entities (atlas-api 3). Text that is escaped before it is sent therefore passes
 * through unharmed, and unescaping gives back exactly what was meant.
 */

const ENTITY: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\u00a0": "&nbsp;",
};
const CHARACTER: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ENTITY).map(([character, entity]) => [entity, character]),
);

/** Text in the form in which Atlas stores and searches it. */
export function escapeText(text: string): string {
  return text.replace(/[&<>\u00a0]/g, (character) => ENTITY[character] ?? character);
}

/** Stored text as a person wrote it. One pass, so that `&amp;lt;` becomes `&lt;` and not `<`. */
export function unescapeText(stored: string): string {
  if (!stored.includes("&")) return stored;
  return stored.replace(/&(?:amp|lt|gt|nbsp);/g, (entity) => CHARACTER[entity] ?? entity);
}
