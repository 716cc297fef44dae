import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Traffic } from '../workspace/state.ts';
import { applicantsSql, pickSql, scoreColumn, text } from './applicants-sql.ts';
import type { LakeModel } from './portfolio.ts';
import { DAY, HOUR, rowsInHour, wobble } from './rhythm.ts';

/** Hours of requests in a file: the lag with which rows arrive, against the number of files that every query opens. */
const FILE_HOURS = 4;
const STRETCH = FILE_HOURS * HOUR;

/** Validation rows per version in a training table. */
const TRAINING_ROWS = 20_000;

/** Writes the simulated lake: Parquet files that never change once they have their name. */
export interface LakeWriter {
  /** One file per model with the validation sample of each of its versions. */
  writeTraining(): Promise<void>;
  /** The inference tables, a file per model and stretch of time, for the stretches that have ended by `time`. Returns the files written. */
  writeUntil(time: number): Promise<number>;
  close(): void;
}

export interface LakeOptions {
  readonly folder: string;
  readonly seed: number;
  readonly models: readonly LakeModel[];
  /** Midnight at which the inference tables begin, milliseconds. */
  readonly start: number;
  readonly wrong: { readonly model: string; readonly version: string; readonly from: number };
  /** The shares of an endpoint's versions since the start, in order of time; asked anew for every file. */
  readonly traffic: (endpoint: string) => readonly Traffic[];
}

/**
 * What a file holds depends on seed, model, stretch of time and the traffic within it alone. A file is written under another
 * name first, so a killed writer leaves no half file and the next one writes the same bytes. Who applies on a day does not
 * depend on the traffic, so that is drawn once a day; which version answers is decided file by file.
 */
export async function openLake(options: LakeOptions): Promise<LakeWriter> {
  const engine = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await engine.connect();
  const drawn = new Map<string, number>();
  let next = options.start;
  return {
    writeTraining: async () => {
      for (const model of options.models) {
        await writeFile(connection, trainingFile(options.folder, model), trainingSql(options.seed, model));
      }
    },
    writeUntil: async (time) => {
      let written = 0;
      for (; next + STRETCH <= time; next += STRETCH) {
        for (const model of options.models) {
          const file = payloadFile(options.folder, model, next);
          if (existsSync(file)) continue;
          const day = Math.floor(next / DAY) * DAY;
          if (drawn.get(model.name) !== day) await connection.run(drawDaySql(options, model, day));
          drawn.set(model.name, day);
          await writeFile(connection, file, stretchSql(model, next, options.traffic(model.endpoint)));
          written += 1;
        }
      }
      return written;
    },
    close: () => {
      connection.closeSync();
      engine.closeSync();
    },
  };
}

function trainingFile(folder: string, model: LakeModel): string {
  return join(folder, model.training, 'training.parquet');
}

function payloadFile(folder: string, model: LakeModel, start: number): string {
  return join(folder, model.payload, `${new Date(start).toISOString().slice(0, 13)}.parquet`);
}

const FEATURES = 'income, debt_ratio, age, months_employed, purpose, region';

/** Each version was validated on a sample of its own, so that the samples together are a larger one, not the same one twice. */
function trainingSql(seed: number, model: LakeModel): string {
  const samples = Object.keys(model.versions).map((version) => {
    const people = applicantsSql({
      key: `${seed}/${model.name}/training/${version}`,
      model,
      hours: [{ hour: 0, rows: TRAINING_ROWS }],
      wobble: 0,
      wrong: null,
    });
    return `(SELECT ${text(version)} AS model_version, ${FEATURES}, ${scoreColumn(version)} AS score
      FROM (${people}) ORDER BY request_id)`;
  });
  return samples.join(' UNION ALL ');
}

function drawDaySql(options: LakeOptions, model: LakeModel, day: number): string {
  const key = `${options.seed}/${model.name}`;
  const hours = Array.from({ length: 24 }, (_, index) => {
    const hour = day + index * HOUR;
    return { hour, rows: rowsInHour(key, model.rowsPerDay, hour) };
  });
  const people = applicantsSql({
    key: `${key}/${day}`,
    model,
    hours,
    wobble: wobble(key, day),
    wrong: options.wrong.model === model.name ? options.wrong : null,
  });
  return `CREATE OR REPLACE TEMP TABLE ${dayTable(model)} AS ${people}`;
}

function dayTable(model: LakeModel): string {
  return `day_${model.name}`;
}

/** The rows of one file, each answered by the version that its own millisecond and chance routed it to. */
function stretchSql(model: LakeModel, start: number, traffic: readonly Traffic[]): string {
  const before = Math.max(
    0,
    traffic.findLastIndex(({ at }) => at <= start),
  );
  const slices = traffic.slice(before).filter(({ at }) => at < start + STRETCH);
  const routes = slices.toReversed().map(({ at, shares }) => {
    const serving = Object.entries(shares).filter(([, share]) => share > 0);
    return `WHEN at_ms >= ${at} THEN ${pickSql('route', serving)}`;
  });
  const scores = Object.keys(model.versions).map(
    (version) => `WHEN ${text(version)} THEN ${scoreColumn(version)}`,
  );
  return `
    SELECT request_id, epoch_ms(at_ms) AS event_time, model_version, ${FEATURES},
      CASE model_version ${scores.join(' ')} END AS score
    FROM (
      SELECT *, CASE ${routes.join(' ')} END AS model_version
      FROM ${dayTable(model)} WHERE at_ms >= ${start} AND at_ms < ${start + STRETCH}
    ) ORDER BY at_ms, request_id`;
}

async function writeFile(connection: DuckDBConnection, file: string, sql: string): Promise<void> {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  await connection.run(`COPY (${sql}) TO ${text(`${file}.new`)} (FORMAT parquet, COMPRESSION zstd)`);
  renameSync(`${file}.new`, file);
}
