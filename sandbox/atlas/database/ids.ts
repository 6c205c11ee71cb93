import type { Sql } from "./sql.ts";

const BLOCK = 50;

interface Block {
  next: number;
  last: number;
}

/**
 * Ids from the sequences in blocks of 50, by the arithmetic of Hibernate's pooled optimizer: a database's first process
 * hands out 1, 2, … and each later process begins a new block (…, 6, then 52 after a restart).
 */
export class Ids {
  readonly #blocks = new Map<string, Block>();
  #turn: Promise<unknown> = Promise.resolve();

  /** One at a time, so that two callers never fetch a block each. */
  next(sql: Sql, table: string): Promise<number> {
    const mine = this.#turn.then(
      () => this.#take(sql, table),
      () => this.#take(sql, table),
    );
    this.#turn = mine;
    return mine;
  }

  async #take(sql: Sql, table: string): Promise<number> {
    const block = this.#blocks.get(table) ?? (await firstBlock(sql, table));
    const current = block.next > block.last ? blockUpTo(await nextValue(sql, table)) : block;
    this.#blocks.set(table, { ...current, next: current.next + 1 });
    return current.next;
  }
}

async function firstBlock(sql: Sql, table: string): Promise<Block> {
  const value = await nextValue(sql, table);
  return value === 1 ? { next: 1, last: await nextValue(sql, table) } : blockUpTo(value);
}

function blockUpTo(value: number): Block {
  return { next: value - BLOCK + 1, last: value };
}

async function nextValue(sql: Sql, table: string): Promise<number> {
  const row = await sql.one<{ value: number }>("SELECT nextval($1::regclass) AS value", [`${table}_seq`]);
  return row.value;
}
