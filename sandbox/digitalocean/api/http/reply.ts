import type { Call } from "./call.ts";

export interface Reply {
  status: number;
  /** Undefined: no body at all. */
  body: Record<string, unknown> | undefined;
}

export const ok = (body: Record<string, unknown>, status = 200): Reply => ({ status, body });
export const noContent = (): Reply => ({ status: 204, body: undefined });

const DEFAULT_PER_PAGE = 20;
const MAX_PER_PAGE = 200;

/** One page of a list under its plural name; links only where there is more than one page. */
export function page<T>(call: Call, name: string, all: T[], view: (item: T) => unknown): Reply {
  const perPage = Math.min(positive(call.query.get("per_page")) ?? DEFAULT_PER_PAGE, MAX_PER_PAGE);
  const current = positive(call.query.get("page")) ?? 1;
  const last = Math.max(1, Math.ceil(all.length / perPage));
  const items = all.slice((current - 1) * perPage, current * perPage).map(view);
  const links = last > 1 ? { pages: pageLinks(call.url, current, last) } : {};
  return ok({ [name]: items, links, meta: { total: all.length } });
}

/** Neither the first nor the last page links to itself or beyond. */
function pageLinks(url: URL, current: number, last: number): Record<string, string> {
  const at = (number: number): string => {
    const target = new URL(url);
    target.searchParams.set("page", String(number));
    return target.href;
  };
  return {
    ...(current > 1 && { first: at(1), prev: at(Math.min(current - 1, last)) }),
    ...(current < last && { next: at(current + 1), last: at(last) }),
  };
}

function positive(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
