// Reads an HTML page as strictly as XML: every element closed, every value in quotes, every reference known.

export interface Element {
  name: string;
  attributes: Map<string, string>;
  children: Element[];
  /** Of itself, without its children's. */
  text: string;
}

const doctype = "<!doctype html>\n";
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** @throws where it is not well-formed */
export function parseMarkup(page: string): Element {
  if (!page.startsWith(doctype)) throw new Error("no doctype");
  const root: Element = { name: "", attributes: new Map(), children: [], text: "" };
  const open = [root];
  for (const [, tag, text = ""] of page.slice(doctype.length).matchAll(/<([^>]*)>|([^<]+)/g)) {
    const here = open.at(-1) ?? root;
    if (tag === undefined) here.text += resolve(text);
    else if (tag.startsWith("/")) {
      if (open.length < 2 || open.pop()?.name !== tag.slice(1)) throw new Error(`unexpected <${tag}>`);
    } else {
      const element = elementOf(tag.replace(/\/$/, ""));
      here.children.push(element);
      if (!tag.endsWith("/")) open.push(element);
    }
  }
  const [top] = root.children;
  if (open.length !== 1 || !top || root.children.length > 1 || root.text.trim() !== "")
    throw new Error("not one element");
  return top;
}

function elementOf(tag: string): Element {
  const [, name = "", rest = ""] = /^([a-z][a-z0-9]*)((?: [A-Za-z][\w-]*="[^"<]*")*)$/.exec(tag) ?? [];
  if (name === "") throw new Error(`not a tag: <${tag}>`);
  const attributes = new Map<string, string>();
  for (const [, key = "", value = ""] of rest.matchAll(/ ([\w-]+)="([^"]*)"/g)) {
    if (attributes.has(key)) throw new Error(`${key} twice in <${tag}>`);
    attributes.set(key, resolve(value));
  }
  return { name, attributes, children: [], text: "" };
}

const resolve = (text: string): string =>
  text.replaceAll(/&([^;\s]*);?/g, (reference, name: string) => {
    const plain = entities[name];
    if (plain === undefined || !reference.endsWith(";")) throw new Error(`not a reference: ${reference}`);
    return plain;
  });

/** The element and all inside of it. */
export const within = (element: Element): Element[] => [element, ...element.children.flatMap(within)];
