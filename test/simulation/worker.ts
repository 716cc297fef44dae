import { fileURLToPath } from 'node:url';
import { loadSettings } from './settings.ts';
import { simulate } from './simulate.ts';
import { add, NOTHING, type Tally, tallyOf } from './tally.ts';

/** Seeds from the first to the last, one after the other. */
export async function runSeeds(first: number, last: number): Promise<Tally> {
  await loadSettings();
  // Thousands of simulated failures a second: where each was made is not worth the time.
  Error.stackTraceLimit = 0;
  let tally = NOTHING;
  for (let seed = first; seed <= last; seed += 1) tally = add(tally, tallyOf(await simulate(seed)));
  return tally;
}

/** As a process of its own: told which seeds to run, it answers with their tally. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('message', ({ first, last }: { readonly first: number; readonly last: number }) => {
    void runSeeds(first, last).then((tally) => process.send?.(tally));
  });
}
