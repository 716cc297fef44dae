import type { BaselineColumn, CellCounts } from '../baseline/bins.ts';
import { type Cells, coarseCells, fineCells } from '../baseline/cells.ts';
import { STATISTICS, type Statistic } from './catalogue.ts';
import type { Measurement } from './measurement.ts';

/** One statistic of one column, with the cells it was measured on. */
export interface ColumnMeasurement {
  readonly statistic: Statistic;
  readonly cells: Cells;
  readonly measurement: Measurement;
}

/** Every statistic that accepts the column, on its frozen cells. */
export function measureColumn(column: BaselineColumn, window: CellCounts): readonly ColumnMeasurement[] {
  return STATISTICS.filter((statistic) => statistic.accepts.includes(column.bins.kind)).map((statistic) => {
    const cells =
      statistic.cells === 'fine' && column.bins.kind === 'numeric'
        ? fineCells(column.bins, column.counts, window)
        : coarseCells(column.bins, column.counts, window);
    return { statistic, cells, measurement: statistic.measure(cells.baseline, cells.window) };
  });
}
