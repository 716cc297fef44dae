import { readFile } from 'node:fs/promises';
import { exportAudit } from '../audit/export.ts';
import { type Verification, verifyFile, verifyStore } from '../audit/verify.ts';
import type { Store } from '../store/store.ts';
import { type CommandContext, CommandError, EXIT, printResult } from './context.ts';
import { type Reader, withReader } from './reach.ts';

/** Checks the chain: of an export file, offline and without a configuration, or of the store. */
export async function auditVerifyCommand(
  options: { file: string | null; publicKey: string | null },
  context: CommandContext,
): Promise<number> {
  const key = options.publicKey === null ? {} : { publicKey: await readFile(options.publicKey, 'utf8') };
  const { file } = options;
  const result =
    file === null
      ? await withReader(context, (reader) => verifyStore(chainOf(reader), key))
      : await verifyFile(file, key);
  printResult(context, result, verificationLines(result));
  return result.intact ? EXIT.ok : EXIT.refused;
}

export async function auditExportCommand(
  options: { out: string; from: number | null; to: number | null },
  context: CommandContext,
): Promise<number> {
  const exported = await withReader(context, (reader) => exportAudit(chainOf(reader), options));
  printResult(context, { out: options.out, ...exported }, [
    `${exported.records} records (${exported.first} to ${exported.last}) written to ${options.out}. Check them anywhere with: driftwarden audit verify ${options.out}`,
  ]);
  return EXIT.ok;
}

/** A chain that is not there is not intact. */
function chainOf({ store, noStore }: Reader): Store {
  if (noStore !== null) throw new CommandError(noStore);
  return store;
}

export function verificationLines(result: Verification): readonly string[] {
  if (!result.intact)
    return [`BROKEN at record ${result.seq ?? 'unknown'} (line ${result.line}): ${result.why}`];
  const { records, from, head, checkpoints, signatures, lastCheckpoint } = result;
  const signed =
    lastCheckpoint === null
      ? 'no checkpoint yet'
      : `${checkpoints} checkpoints, ${signatures} signatures checked, the last at record ${lastCheckpoint}`;
  return [
    `intact: ${records} records${from > 1 ? `, a slice from record ${from} on: what stands before it was taken as given` : ''}; ${signed}`,
    `head ${head}`,
  ];
}
