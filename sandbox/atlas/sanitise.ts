/**
 * Free text as it is stored: tags removed, entities resolved, then `&`, `<`, `>` and no-break spaces escaped.
 * The rules are those of an HTML parser (the original cleans with jsoup and an empty safelist), so `1<2` keeps its
 * sign while `a<b` loses everything from the sign on.
 */
export function sanitise(text: string): string;
export function sanitise(text: string | null): string | null;
export function sanitise(text: string | null): string | null {
  if (text === null || text === "") return text;
  return escapeText(resolveEntities(stripTags(text.replaceAll("\0", ""))));
}

function stripTags(text: string): string {
  let kept = "";
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf("<", position);
    if (open === -1) return kept + text.slice(position);
    kept += text.slice(position, open);
    const next = text.slice(open + 1);
    if (/^\/?[A-Za-z]/.test(next)) position = afterElement(text, open);
    else if (next.startsWith("!--")) position = after(text, "-->", open + 4);
    else if (/^[!?/]/.test(next) && next !== "/") position = after(text, ">", open);
    else {
      kept += "<";
      position = open + 1;
    }
  }
  return kept;
}

/** Past a tag; past the whole element when its content is not text. */
function afterElement(text: string, open: number): number {
  const end = afterTag(text, open);
  const hidden = /^<(script|style)(?=[\s/>])/i.exec(text.slice(open));
  if (!hidden || end > text.length) return end;
  const close = new RegExp(`</${hidden[1]}(?=[\\s/>])`, "i").exec(text.slice(end));
  return close ? afterTag(text, end + close.index) : text.length;
}

function afterTag(text: string, open: number): number {
  let quote = "";
  for (let at = open + 1; at < text.length; at++) {
    const letter = text.charAt(at);
    if (quote !== "") {
      if (letter === quote) quote = "";
    } else if (letter === ">") return at + 1;
    else if ((letter === '"' || letter === "'") && /=\s*$/.test(text.slice(open, at))) quote = letter;
  }
  return text.length + 1;
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

function resolveEntities(text: string): string {
  return text.replace(/&(?:#(\d+);?|#[xX]([0-9a-fA-F]+);?|([A-Za-z]+\d*)(;?))/g, (whole, ...groups) => {
    const [decimal, hex, name, semicolon] = groups as (string | undefined)[];
    if (name === undefined) return codePoint(decimal ? Number(decimal) : Number.parseInt(hex ?? "", 16));
    if (BASE_ENTITIES.has(name)) return BASE_ENTITIES.get(name) ?? whole;
    return semicolon === ";" ? (MORE_ENTITIES[name] ?? whole) : whole;
  });
}

function codePoint(value: number): string {
  const valid = value > 0 && value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff);
  return valid ? String.fromCodePoint(value) : "\ufffd";
}

function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\u00a0", "&nbsp;");
}

/** Latin-1 in code point order from 160: HTML resolves these even without their semicolon. */
const LATIN1 =
  "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para " +
  "middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute " +
  "Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute " +
  "THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde " +
  "ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

const BASE_ENTITIES = new Map<string, string>([
  ...LATIN1.split(" ").map((name, index): [string, string] => [name, String.fromCodePoint(160 + index)]),
  ["amp", "&"],
  ["AMP", "&"],
  ["lt", "<"],
  ["LT", "<"],
  ["gt", ">"],
  ["GT", ">"],
  ["quot", '"'],
  ["QUOT", '"'],
  ["COPY", "\u00a9"],
  ["REG", "\u00ae"],
]);

const MORE_ENTITIES: Record<string, string> = {
  apos: "'",
  hellip: "\u2026",
  ndash: "\u2013",
  mdash: "\u2014",
  lsquo: "\u2018",
  rsquo: "\u2019",
  ldquo: "\u201c",
  rdquo: "\u201d",
  bull: "\u2022",
  euro: "\u20ac",
  trade: "\u2122",
};
