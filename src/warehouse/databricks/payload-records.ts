import { ACCEPTED } from '../payload-account.ts';
import { placeInList, type Stage, type StageField } from '../payload-stage.ts';
import type { Parameters } from './sql.ts';

/** Numbers, texts and nested values alike become text; whoever reads a value says what it is. */
const RECORD = 'MAP<STRING, STRING>';
const REQUEST =
  'dataframe_split STRUCT<columns: ARRAY<STRING>, data: ARRAY<ARRAY<STRING>>>, ' +
  `dataframe_records ARRAY<${RECORD}>, instances STRING, inputs STRING`;

/**
 * Records and predictions of a request: `recs`, a list of maps, and `preds`, a list of texts. NULL when the body is none of the four forms,
 * or no list of predictions. Where a request has several bodies, the first form counts.
 */
export function shapedSql({ name: p }: Stage): string {
  // A list in place of an object would be read as its first member.
  const body = (text: string): string =>
    `CASE WHEN early IS NULL AND ltrim(${text}) LIKE '{%' THEN ${text} END`;
  const trimmed = `SELECT v, f, early, ${body('q')} AS q, ${body('p')} AS p FROM ${p}_seen`;
  const parsed = `SELECT v, f, early, from_json(q, '${REQUEST}') AS b, from_json(p, 'predictions ARRAY<STRING>').predictions AS preds FROM (${trimmed})`;
  const tensors =
    "SELECT v, f, early, b, preds, ltrim(coalesce(b.instances, b.inputs)) AS tensor, CASE WHEN b.instances IS NULL AND ltrim(b.inputs) LIKE '{%' " +
    `THEN from_json(b.inputs, 'MAP<STRING, ARRAY<STRING>>') END AS dict FROM (${parsed})`;
  const recs =
    `CASE WHEN b.dataframe_split IS NOT NULL THEN CASE WHEN ${SPLIT_OK} THEN ` +
    'transform(b.dataframe_split.data, d -> map_from_arrays(b.dataframe_split.columns, d)) END ' +
    'WHEN b.dataframe_records IS NOT NULL THEN b.dataframe_records ' +
    `WHEN tensor LIKE '[%' THEN from_json(tensor, 'ARRAY<${RECORD}>') ` +
    `WHEN size(dict) > 0 AND forall(map_values(dict), l -> size(l) = ${LENGTH}) THEN ${DICT} END`;
  return (
    'SELECT v, f, early, CASE WHEN exists(recs, m -> m IS NULL) THEN NULL ELSE recs END AS recs, preds ' +
    `FROM (SELECT v, f, early, preds, ${recs} AS recs FROM (${tensors}))`
  );
}

/** All names different and there, and as many values in every row: a map with a name twice would fail the statement. */
const SPLIT_OK =
  'size(array_distinct(b.dataframe_split.columns)) = size(b.dataframe_split.columns) ' +
  'AND NOT exists(b.dataframe_split.columns, c -> c IS NULL) ' +
  'AND forall(b.dataframe_split.data, d -> size(d) = size(b.dataframe_split.columns))';

const LENGTH = 'size(map_values(dict)[0])';
/** A sequence down from 0 to -1 has two members, and would make up two records. */
const DICT =
  `CASE WHEN ${LENGTH} = 0 THEN CAST(array() AS ARRAY<${RECORD}>) ` +
  `ELSE transform(sequence(0, ${LENGTH} - 1), i -> transform_values(dict, (k, l) -> get(l, i))) END`;

/** A row per record; of a rejected request one without record. */
export function longSql({ name: p }: Stage): string {
  const nothing = `array(named_struct('recs', CAST(NULL AS ${RECORD}), 'preds', CAST(NULL AS STRING)))`;
  return (
    `SELECT v, f, code, place, e.recs AS m, ltrim(e.preds) AS y FROM ${p}_judged ` +
    `LATERAL VIEW posexplode(CASE WHEN code = ${ACCEPTED} THEN arrays_zip(recs, preds) ELSE ${nothing} END) AS place, e`
  );
}

/** Rows of records with every wanted value in its type. What cannot be read as its type is NULL, and the record is marked. */
export function typedSql({ name: p, fields }: Stage, parameters: Parameters): string {
  const texts = fields.map((field) => {
    const name = parameters.bind(field.name);
    const text = field.from === 'response' ? predictionText(field, name) : `try_element_at(m, ${name})`;
    return `${text} AS t${field.alias}`;
  });
  const typed = fields.map(({ alias, kind }) =>
    kind === 'numeric' ? `${numberSql(`t${alias}`)} AS ${alias}` : `${levelSql(`t${alias}`)} AS ${alias}`,
  );
  const bad = fields.map(({ alias, from }) => {
    const there = from === 'response' ? 'y' : `t${alias}`;
    return `(${there} IS NOT NULL AND ${alias} IS NULL)`;
  });
  const aliases = fields.map(({ alias }) => alias);
  const inner = ['v', 'f', 'code', 'place', 'y', ...texts].join(', ');
  const middle = ['v', 'f', 'code', 'place', 'y', ...texts.map((_, place) => `t${aliases[place]}`), ...typed];
  const outer = [
    'v AS version',
    'f',
    'code',
    'place',
    ...aliases,
    `${['false', ...bad].join(' OR ')} AS bad`,
  ];
  return `SELECT ${outer.join(', ')} FROM (SELECT ${middle.join(', ')} FROM (SELECT ${inner} FROM ${p}_long))`;
}

/** A prediction is a value, an object that has it, a list of one, or a list in which its name is the place. */
function predictionText(field: StageField, name: string): string {
  const list = "from_json(y, 'ARRAY<STRING>')";
  const place = placeInList(field.name);
  const several = place === null ? '' : ` ELSE get(${list}, ${place})`;
  return (
    `CASE WHEN y LIKE '{%' THEN try_element_at(from_json(y, '${RECORD}'), ${name}) ` +
    `WHEN y LIKE '[%' THEN CASE WHEN size(${list}) = 1 THEN get(${list}, 0)${several} END ELSE y END`
  );
}

/** Letters after a number and hexadecimal ones are an invention of this engine; a bare NaN comes in quotes. */
function numberSql(text: string): string {
  return `CASE WHEN ${text} RLIKE '[0-9.][dDfF] *$|[xX]' THEN NULL ELSE try_cast(trim(BOTH '"' FROM ${text}) AS DOUBLE) END`;
}

/** As everywhere else 7.0 is the level 7. */
function levelSql(text: string): string {
  return (
    `CASE WHEN ${text} RLIKE '^-?[0-9]+[.]0$' THEN substring(${text}, 1, length(${text}) - 2) ` +
    `WHEN ${text} IN ('"NaN"', '"Infinity"', '"-Infinity"') THEN trim(BOTH '"' FROM ${text}) ELSE ${text} END`
  );
}
