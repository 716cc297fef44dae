import { createReadStream } from 'node:fs';
import { AuditError } from './error.ts';

/** No record comes near this; a longer line is no export of ours and must not fill the memory. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Where the stored lines of a chain can be read: the part of the store port that verification and export need. */
export interface AuditLines {
  auditLines(from: number, limit: number): Promise<readonly string[]>;
}

/** Records can be large (an evaluation of many features), so pages are small. */
const PAGE = 200;

/** Every stored line from record `from` on, in order. */
export async function* storedLines(store: AuditLines, from: number): AsyncGenerator<string> {
  for (let seq = from; ; ) {
    const page = await store.auditLines(seq, PAGE);
    yield* page;
    if (page.length < PAGE) return;
    seq += page.length;
  }
}

/**
 * The lines of a file as bytes, without their line feeds, so that nothing is decoded away before it is checked. A line
 * longer than {@link MAX_LINE_BYTES} is cut there and ends the reading. Throws AuditError `unreadable`.
 */
export async function* fileLines(path: string): AsyncGenerator<Uint8Array> {
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(path)) {
    let start = 0;
    for (let feed = chunk.indexOf(10); feed >= 0; feed = chunk.indexOf(10, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, feed)]);
      pending = [];
      size = 0;
      start = feed + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_LINE_BYTES) break;
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new AuditError(
      'unreadable',
      `${path} cannot be read (${code})`,
      'Give the path of an audit export: one JSON record per line, as `driftwarden audit export` writes it.',
    );
  }
}
