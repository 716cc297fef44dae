import { total } from './shares.ts';

/** Counts of neighbouring windows, added up. */
export interface Block {
  readonly windows: number;
  readonly counts: readonly number[];
}

/** Past windows of one test, newest first: single ones, then pairs, then fours and so on. */
export type Memory = readonly Block[];

/** Rows after which older windows are forgotten. */
const LOOK_BACK_ROWS = 32_000;
/** Windows kept one by one, and blocks kept of every larger size, before the two oldest become one. */
const SINGLES = 5;
const BLOCKS = 2;

/**
 * The memory after one more window: an exponential histogram (Datar and others 2002, SIAM Journal on Computing 31), so that looking back
 * 1, 2, 3, 4, 5, 7, 9, 13, ... windows costs a number of counts that grows with the logarithm of the windows.
 */
export function remember(memory: Memory, counts: readonly number[]): Memory {
  const blocks = [{ windows: 1, counts }, ...memory];
  for (let size = 1; ; size *= 2) {
    const last = blocks.findLastIndex((block) => block.windows === size);
    const most = size === 1 ? SINGLES : BLOCKS;
    const older = blocks[last];
    const newer = blocks[last - most];
    if (older === undefined || newer === undefined || newer.windows !== size) break;
    const next = blocks[last - 1] ?? newer;
    blocks.splice(last - 1, 2, { windows: 2 * size, counts: add(next.counts, older.counts) });
  }
  return withinLookBack(blocks);
}

/** Every look-back: the newest block, the newest two together, and so on. */
export function lookBacks(memory: Memory): readonly Block[] {
  const pooled: Block[] = [];
  let windows = 0;
  let counts: readonly number[] | null = null;
  for (const block of memory) {
    windows += block.windows;
    counts = counts === null ? block.counts : add(counts, block.counts);
    pooled.push({ windows, counts });
  }
  return pooled;
}

function withinLookBack(blocks: readonly Block[]): Memory {
  let rows = 0;
  const last = blocks.findIndex(({ counts }) => (rows += total(counts)) >= LOOK_BACK_ROWS);
  return last === -1 ? blocks : blocks.slice(0, last + 1);
}

function add(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((count, cell) => count + (b[cell] ?? 0));
}
