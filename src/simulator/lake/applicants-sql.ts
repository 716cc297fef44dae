import type { Applicants, LakeModel, Scorecard } from './portfolio.ts';
import { HOUR } from './rhythm.ts';

/**
 * The SQL that makes applicants out of nothing, with the score that each version would give them. Chance is the MD5 of
 * (key, row number), cut into 32-bit draws, so it is the same on every run and in every version of the engine. Names and
 * numbers in the text are ours; nothing of it comes from outside.
 */
export interface ApplicantsRequest {
  /** What the draws depend on besides the row number. */
  readonly key: string;
  readonly model: LakeModel;
  /** How many there are in which hour (its start, milliseconds). */
  readonly hours: readonly { readonly hour: number; readonly rows: number }[];
  /** Benign change against the usual applicants, in [-1, 1]. */
  readonly wobble: number;
  /** The version that goes wrong, and when; null: none does. */
  readonly wrong: { readonly version: string; readonly from: number } | null;
}

/** Columns: request_id, at_ms, the draw `route` in (0, 1), the features, and `score_<version>` for every version. */
export function applicantsSql(request: ApplicantsRequest): string {
  const total = request.hours.reduce((sum, { rows }) => sum + rows, 0);
  const scores = Object.entries(request.model.versions).map(
    ([version, card]) =>
      `round(1 / (1 + exp(-(${logitSql(version, card, request)}))), 6) AS ${scoreColumn(version)}`,
  );
  return `
  WITH digests AS (
    SELECT i, ${[0, 1, 2].map((k) => digestsSql(request.key, k)).join(', ')} FROM range(${total}) AS t(i)
  ), draws AS (
    SELECT i, ${Array.from({ length: 12 }, (_, k) => `${drawSql(k)} AS u${k}`).join(', ')} FROM digests
  ), people AS (
    SELECT i, u7 AS route,
      ${hourSql(request.hours)} + floor(u0 * ${HOUR})::BIGINT AS at_ms,
      ${featuresSql(request.model.applicants, request.wobble)}
    FROM draws
  )
  SELECT 'sim-' || substr(md5(${text(`${request.key} `)} || i), 1, 16) AS request_id, at_ms, route,
    income, debt_ratio, age, months_employed, purpose, region, ${scores.join(', ')}
  FROM people`;
}

export function scoreColumn(version: string): string {
  return `score_${version}`;
}

/** The name whose stretch of (0, 1) the draw falls into. */
export function pickSql(draw: string, weights: readonly (readonly [string, number])[]): string {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let reached = 0;
  const cases = weights.map(([name, weight]) => {
    reached += weight;
    return `WHEN ${draw} < ${reached / total} THEN ${text(name)}`;
  });
  return `CASE ${cases.join(' ')} ELSE ${text(weights.at(-1)?.[0] ?? '')} END`;
}

/** A text literal. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function digestsSql(key: string, number: number): string {
  const input = `${text(`${key}/${number}/`)} || i`;
  return `md5_number_upper(${input}) AS h${2 * number}, md5_number_lower(${input}) AS h${2 * number + 1}`;
}

function drawSql(draw: number): string {
  const half = `h${Math.floor(draw / 2)}`;
  const bits = draw % 2 === 0 ? `(${half} >> 32)` : `(${half} & 4294967295)`;
  return `(${bits}::DOUBLE + 0.5) / 4294967296.0`;
}

/** The first rows belong to the first hour, the next ones to the second. */
function hourSql(hours: ApplicantsRequest['hours']): string {
  let reached = 0;
  const cases = hours.map(({ hour, rows }) => {
    reached += rows;
    return `WHEN i < ${reached} THEN ${hour}`;
  });
  return `(CASE ${cases.join(' ')} END)::BIGINT`;
}

/** Box and Muller: two uniform draws make two independent standard normal ones. */
function normalSql(one: number, two: number, wave: 'cos' | 'sin'): string {
  return `sqrt(-2 * ln(u${one})) * ${wave}(2 * pi() * u${two})`;
}

function featuresSql(people: Applicants, wobble: number): string {
  const income = `round(exp(${Math.log(people.income.median) + 0.01 * wobble} + ${people.income.spread} * ${normalSql(1, 2, 'cos')}), 2)`;
  const debt = `round(least(2, exp(${Math.log(people.debtRatio.median)} + ${people.debtRatio.spread} * ${normalSql(1, 2, 'sin')})), 4)`;
  const age = `least(85, greatest(18, round(${people.age.mean} + ${people.age.deviation} * ${normalSql(3, 4, 'cos')})))::INTEGER`;
  const months = `least(480, floor(exp(${Math.log(people.monthsEmployed.median)} + ${people.monthsEmployed.spread} * ${normalSql(3, 4, 'sin')})))::INTEGER`;
  return `CASE WHEN u8 >= 0.015 THEN ${income} END AS income,
      ${debt} AS debt_ratio,
      ${age} AS age,
      CASE WHEN u9 >= 0.03 THEN ${months} END AS months_employed,
      CASE WHEN u10 >= 0.004 THEN ${levelSql('u5', people.purposes, wobble)} END AS purpose,
      ${levelSql('u6', people.regions, 0)} AS region`;
}

/** The wobble moves a little weight between the first level and the others. */
function levelSql(draw: string, levels: { readonly [level: string]: number }, wobble: number): string {
  const weights = Object.entries(levels).map(
    ([level, weight], index) => [level, index === 0 ? weight * (1 + 0.01 * wobble) : weight] as const,
  );
  return pickSql(draw, weights);
}

function logitSql(version: string, card: Scorecard, { model, wrong }: ApplicantsRequest): string {
  const { income, debtRatio, age, monthsEmployed } = model.applicants;
  const level = Object.entries(card.purposes).map(([name, effect]) => `WHEN ${text(name)} THEN ${effect}`);
  // What goes wrong: the version's own look-up of the months employed begins to answer zero. The request, and so the table,
  // still carries the right number: nothing about the applicants drifts, only this version's scores do.
  const months =
    wrong?.version === version
      ? `CASE WHEN at_ms >= ${wrong.from} THEN 0 ELSE months_employed END`
      : 'months_employed';
  return `${card.intercept}
    + ${card.income} * ${standardSql('income', income)}
    + ${card.debtRatio} * ${standardSql('debt_ratio', debtRatio)}
    + ${card.age} * (age - ${age.mean}) / ${age.deviation}
    + ${card.monthsEmployed} * ${standardSql(`(1 + ${months})`, monthsEmployed)}
    + CASE purpose ${level.join(' ')} ELSE 0 END`;
}

/** The standardised logarithm within two standard deviations, as scorecards cap it; average when missing. */
function standardSql(value: string, { median, spread }: { median: number; spread: number }): string {
  return `greatest(-2, least(2, coalesce((ln(${value}) - ${Math.log(median)}) / ${spread}, 0)))`;
}
