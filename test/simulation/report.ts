import type { Tally } from './tally.ts';
import { INVARIANTS } from './violation.ts';

export interface RunFacts {
  readonly first: number;
  readonly last: number;
  readonly seconds: number;
  readonly processes: number;
  readonly node: string;
  readonly command: string;
  /** Null where there is no repository to ask. */
  readonly commit: string | null;
}

/** The page that is kept of a long run. */
export function reportOf(tally: Tally, facts: RunFacts): string {
  const { seeds, broken, counts, violations } = tally;
  const { first, last, seconds, processes, node, command, commit } = facts;
  const perSecond = Math.round(seeds / Math.max(1, seconds));
  return `# Rollback simulation

The real driver, state machine, gates, planning, outbox and SQLite store (in memory), on a virtual clock, against a
**simulated** workspace and ticket desk with faults, crashes, pauses and people. Written by \`${command}\`.

${group(seeds)} seeds (${first} to ${last}) in ${group(Math.round(seconds))} s on ${processes} processes with Node ${node}, ${group(perSecond)} a second${commit === null ? '' : `, at commit \`${commit}\``}.
${Object.keys(broken).length === 0 ? 'No run broke an invariant.' : '**Some runs broke an invariant.**'}

## Invariants

| invariant | what must hold | runs that broke it |
|---|---|---|
${Object.entries(INVARIANTS)
  .map(([name, meaning]) => `| ${name} | ${meaning} | ${group(broken[name] ?? 0)} |`)
  .join('\n')}

${violations.map(({ seed, invariant, why }) => `- seed ${seed}, ${invariant}: ${why}`).join('\n')}

## What happened in these runs

${SECTIONS.map(([title, matches, text]) => section(title, text, rowsOf(counts, matches))).join('\n')}
## What the simulation assumes

- What a judge would say of the data is drawn, not measured; the window, the cases, the gates, the plan and the outbox after it are
  the real code.
- A request arrives within 20 s of being sent or never, and a read shows a state at most 9 s old: together less than the
  30 s after which the program believes a read (\`SETTLE\`). Beyond that a write could be sent twice; the configuration
  version would tell.
- A configuration version grows by one with every change of the endpoint, whoever makes it.
- A crash ends the program between two steps of it, with everything it had in memory, and what it had sent goes on.
`;
}

type Matches = (name: string) => boolean;
const starts =
  (start: string): Matches =>
  (name) =>
    name.startsWith(start);

const SECTIONS: readonly (readonly [string, Matches, string])[] = [
  ['How rollbacks ended', starts('ended: '), ''],
  [
    'Rollbacks in which somebody else changed endpoint or alias meanwhile',
    starts('changed by somebody else'),
    `Everything that ended as \`done\` says why: there was nothing to see any more, or nothing that anybody could tell from our own
write. An alias has no version: what is set between the last look at it and our write is overwritten without a trace.
`,
  ],
  [
    'Writes that landed on a change which no read had shown',
    (name) => name.startsWith('traffic: ') || name.startsWith('alias: ') || name.startsWith('left after'),
    '',
  ],
  ['Incidents', starts('incident: '), ''],
  ['Faults of the network', starts('fault: '), ''],
  [
    'In all',
    (name) => !name.includes(': ') && !name.startsWith('left after') && !name.startsWith('changed'),
    '',
  ],
];

function rowsOf(counts: Tally['counts'], matches: Matches): readonly (readonly [string, number])[] {
  return Object.entries(counts)
    .filter(([name]) => matches(name))
    .map(
      ([name, number]) =>
        [
          name.replace(/^(ended|fault|incident): /, '').replace('changed by somebody else, ', ''),
          number,
        ] as const,
    )
    .sort(([, a], [, b]) => b - a);
}

function section(title: string, text: string, rows: readonly (readonly [string, number])[]): string {
  const total = rows.reduce((sum, [, number]) => sum + number, 0);
  const lines = rows.map(
    ([name, number]) =>
      `| ${name} | ${group(number)} | ${((100 * number) / Math.max(1, total)).toFixed(2)} % |`,
  );
  return `### ${title}\n\n${text}${text === '' ? '' : '\n'}| | number | share |\n|---|---|---|\n${lines.join('\n')}\n`;
}

/** 1 234 567. */
function group(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ' ');
}
