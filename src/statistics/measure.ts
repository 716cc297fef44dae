import type { BaselineColumn, CellCounts } from '../baseline/bins.ts';
import { type Cells, coarseCells, fineCells } from '../baseline/cells.ts';
import { STATISTICS, type Statistic } from './catalogue.ts';
import type { Measurement } from './measurement.ts';

/** One statistic of one column, with the cells it was measured on. */
export interface ColumnMeasurement {
  readonly statistic: Statistic;
  readonly cells: Cells;
  /** Whether it is the first of those measured on these cells: the one that carries them into the evaluation. */
  readonly first: boolean;
  readonly measurement: Measurement;
}

/** Every statistic that accepts the column, on its frozen cells. */
export function measureColumn(column: BaselineColumn, window: CellCounts): readonly ColumnMeasurement[] {
  const { bins, counts } = column;
  const coarse = coarseCells(bins, counts, window);
  const fine = bins.kind === 'numeric' ? fineCells(bins, counts, window) : coarse;
  const accepted = STATISTICS.filter(({ accepts }) => accepts.includes(bins.kind));
  return accepted.map((statistic, index) => {
    const cells = statistic.cells === 'fine' ? fine : coarse;
    const first = accepted.findIndex((other) => other.cells === statistic.cells) === index;
    return { statistic, cells, first, measurement: statistic.measure(cells) };
  });
}
