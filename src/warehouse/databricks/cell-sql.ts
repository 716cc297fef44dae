import { CELL } from '../cell-rows.ts';
import { treeSql } from '../cell-tree.ts';
import { roundedToSingle } from '../edges.ts';
import type { TableColumn } from '../warehouse.ts';
import { doubleLiteral } from './sql.ts';
import { isFloating } from './types.ts';

/**
 * The cell of the number `x`, as a binary tree of comparisons: closed on the right. What is NaN has to be taken out before any
 * comparison, since here it is greater than every number.
 */
export function cellSql(x: string, column: TableColumn, edges: readonly number[]): string {
  const rounded = column.sqlType === 'FLOAT' ? roundedToSingle(edges) : null;
  const special = isFloating(column)
    ? `WHEN isnan(${x}) OR abs(${x}) = CAST('Infinity' AS DOUBLE) THEN ${CELL.nonFinite} `
    : '';
  const tree = treeSql(x, rounded ?? edges, { literal: doubleLiteral });
  return `CASE WHEN ${x} IS NULL THEN ${CELL.missing} ${special}ELSE ${tree} END`;
}
