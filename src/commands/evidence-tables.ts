import type { Baseline, BaselineColumn } from '../baseline/bins.ts';
import { emptyCounts } from '../baseline/cells.ts';
import type { ModelConfig } from '../config/config.ts';
import { tablesHash } from '../evaluation/evidence.ts';
import { limitsOf } from '../evaluation/limits.ts';
import { allCells, setAround } from '../judge/evidence/cells.ts';
import { type TableContent, tableContent } from '../judge/evidence/libraries.ts';
import { table } from './table.ts';

/** The fixed tables of one column: evidence of a window is the dot product of its counts with a row of these. */
export interface ColumnTables {
  readonly subject: string;
  readonly version: string;
  /** The hash that stands as `tables` in every evaluation of this column. */
  readonly hash: string;
  readonly labels: readonly string[];
  readonly content: TableContent;
}

/** The PSI tables of every judged column of a baseline under the model's limits, with what an auditor needs to recompute each certificate. */
export function tablesOf(baseline: Baseline, model: ModelConfig): readonly ColumnTables[] {
  const { columns, predictions } = baseline.content;
  return [
    ...columns.map((column) => columnTables(column, 'all', model)),
    ...predictions.map(({ version, column }) =>
      columnTables({ ...column, name: model.prediction?.name ?? column.name }, version, model),
    ),
  ];
}

function columnTables(column: BaselineColumn, version: string, model: ModelConfig): ColumnTables {
  const cells = allCells(column, emptyCounts(column.bins));
  const limits = limitsOf(model, column.name, 'psi') ?? model.drift.psi;
  const content = tableContent({
    set: setAround('psi', cells.baseline, { limit: limits.warn, losses: null }),
    ordered: cells.ordered,
  });
  return {
    subject: column.name,
    version,
    hash: tablesHash({ kind: 'psi', baseline: cells.baseline, ordered: cells.ordered, limits, losses: null }),
    labels: cells.labels,
    content,
  };
}

/** As a spreadsheet takes it: a row per cell with q, a column per alternative with ln r. */
export function tableLines(tables: readonly ColumnTables[]): readonly string[] {
  return tables.flatMap(({ subject, version, hash, labels, content }) => [
    `${subject}${version === 'all' ? '' : ` (version ${version})`}: within PSI ${content.set.limit}, ${content.tables.length} fixed tables, SHA-256 ${hash}`,
    ...table(
      ['cell', 'q', ...content.tables.map(({ name }) => name)],
      labels.map((label, cell) => [
        label,
        content.set.q[cell] ?? 0,
        ...content.tables.map(({ logRatio }) => round(logRatio[cell] ?? 0)),
      ]),
    ),
    ...table(
      ['alternative', 'dual'],
      content.tables.map(({ name, dual }) => [name, dual]),
    ),
    '',
  ]);
}

function round(value: number): number {
  return Number(value.toPrecision(12));
}
