import { DuckDBInstance } from '@duckdb/node-api';

/** Population stability index of one day's rows of one version, on the deciles of that version's validation sample. */
export interface DayPsi {
  readonly day: string;
  readonly version: string;
  readonly rows: number;
  readonly psi: number;
}

/**
 * An independent measurement for the tests of the lake: plain proportions with half a count added, missing values as a cell
 * of their own.
 */
export async function psiPerDay(folder: string, product: string, column: string): Promise<DayPsi[]> {
  const payload = `'${folder}/${product}_payload/*.parquet'`;
  const training = `'${folder}/${product}_training/*.parquet'`;
  const cell = `CASE WHEN ${column} IS NULL THEN -1 ELSE len(list_filter(edges, lambda e: e < ${column})) END`;
  const deciles = '[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]';
  const rows = await query(`
    WITH bins AS (
      SELECT model_version AS v, list_distinct(quantile_disc(${column}, ${deciles})) AS edges FROM ${training} GROUP BY 1
    ), base AS (
      SELECT v, ${cell} AS cell, count(*) AS n FROM ${training} JOIN bins ON v = model_version GROUP BY ALL
    ), days AS (
      SELECT CAST(event_time AS DATE) AS day, v, ${cell} AS cell, count(*) AS n
      FROM ${payload} JOIN bins ON v = model_version GROUP BY ALL
    ), totals AS (SELECT day, v, sum(n) AS n FROM days GROUP BY ALL),
    pairs AS (
      SELECT totals.day, totals.v, totals.n, (base.n + 0.5) / 20005.5 AS p,
        (coalesce(days.n, 0) + 0.5) / (totals.n + 5.5) AS q
      FROM totals JOIN base USING (v) LEFT JOIN days ON days.day = totals.day AND days.v = base.v AND days.cell = base.cell
    )
    SELECT CAST(day AS VARCHAR), v, CAST(n AS INTEGER), sum((q - p) * ln(q / p)) FROM pairs GROUP BY ALL ORDER BY ALL`);
  return rows.map(([day, version, count, psi]) => ({
    day: String(day),
    version: String(version),
    rows: Number(count),
    psi: Number(psi),
  }));
}

export async function query(sql: string): Promise<unknown[][]> {
  const engine = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await engine.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRows();
  } finally {
    connection.closeSync();
    engine.closeSync();
  }
}
