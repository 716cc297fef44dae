/** A fault that a guard of one invariant has to find. */
export interface Violation {
  /** Number in ARCHITECTURE.md. */
  readonly invariant: number;
  readonly says: string;
  readonly file: string;
  /** Stands in the file exactly once. An empty text: the fault is put before the first line. */
  readonly find: string;
  readonly put: string;
  /** Test files, at least one of which must fail. */
  readonly guards: readonly string[];
}

const IMPORTS = ['test/repository/imports.test.ts'];
const SOURCE = ['test/repository/source.test.ts'];

function before(file: string, line: string): Pick<Violation, 'file' | 'find' | 'put'> {
  return { file, find: '', put: `${line}\n` };
}

export const VIOLATIONS: readonly Violation[] = [
  {
    invariant: 1,
    says: 'a pure room reads a file',
    ...before('src/judge/policy.ts', "import { readFileSync } from 'node:fs';"),
    guards: IMPORTS,
  },
  {
    invariant: 1,
    says: 'the life cycle of exceptions reads the clock of this machine',
    file: 'src/exceptions/lifecycle.ts',
    find: 'const openedAt = new Date(now).toISOString();',
    put: 'const openedAt = new Date(Date.now()).toISOString();',
    guards: SOURCE,
  },
  {
    invariant: 2,
    says: 'a statistic knows the judge',
    ...before('src/statistics/psi.ts', "import type { Verdict } from '../judge/verdict.ts';"),
    guards: IMPORTS,
  },
  {
    invariant: 3,
    says: 'SQL brings rows',
    file: 'src/warehouse/cell-rows.ts',
    find: 'export const ALL_ROWS = -1;',
    put: 'export const ALL_ROWS = -1;\nexport const ROWS = `SELECT * FROM payload`;',
    guards: SOURCE,
  },
  {
    invariant: 3,
    says: 'counts that do not add up are taken',
    file: 'src/warehouse/cell-rows.ts',
    find: 'if (sum !== total) throw',
    put: 'if (sum < 0) throw',
    guards: ['test/warehouse/cell-rows.test.ts'],
  },
  {
    invariant: 4,
    says: 'a write goes out although its state was not committed',
    file: 'src/rollback/stepper.ts',
    find: 'if (entered !== null) await commit(',
    put: 'if (entered !== null && entered.wrote !== true) await commit(',
    guards: ['test/rollback/driver-crash.test.ts', 'test/rollback/driver.test.ts'],
  },
  {
    invariant: 5,
    says: 'unknown counts as quiet',
    file: 'src/judge/history.ts',
    find: '.filter((verdict) => !isUnknown(verdict))',
    put: '.filter((verdict) => verdict !== "error")',
    guards: ['test/judge/limit.test.ts'],
  },
  {
    invariant: 5,
    says: 'a statistic answers NaN',
    file: 'src/statistics/sides.ts',
    find: 'const SMOOTHING = 0.5;',
    put: 'const SMOOTHING = 0;',
    guards: ['test/statistics/properties.test.ts'],
  },
  {
    invariant: 6,
    says: 'one outside system knows another',
    ...before('src/tickets/desk.ts', "import type { Registry } from '../registry/registry.ts';"),
    guards: IMPORTS,
  },
  {
    invariant: 6,
    says: 'an implementation is named outside the composition root',
    ...before('src/evaluation/work.ts', "import { openDuckDb } from '../warehouse/duckdb/open.ts';"),
    guards: IMPORTS,
  },
  {
    invariant: 7,
    says: 'a failure of one model ends the burst',
    file: 'src/burst.ts',
    find: "'evaluation of a model failed; the other models go on',\n      );\n      return [];",
    put: "'evaluation of a model failed; the other models go on',\n      );\n      throw error;",
    guards: ['test/daemon/windows.test.ts'],
  },
  {
    invariant: 8,
    says: 'a default changes and its page does not',
    file: 'src/config/defaults.ts',
    find: "unknownAfter: '2d'",
    put: "unknownAfter: '3d'",
    guards: ['test/config/documentation.test.ts'],
  },
  {
    invariant: 8,
    says: 'a metric is renamed, and dashboards and alerts are not',
    file: 'src/metrics/families-action.ts',
    find: '  rollback_ready: {',
    put: '  rollback_possible: {',
    guards: ['test/dashboards/dashboards.test.ts', 'test/alerts/rules.test.ts'],
  },
  {
    invariant: 9,
    says: 'the daemon reaches for the simulator',
    ...before('src/web/server.ts', "import { createWorld } from '../simulator/world.ts';"),
    guards: IMPORTS,
  },
];
