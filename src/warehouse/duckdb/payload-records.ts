import { placeInList, type Stage, type StageField } from '../payload-stage.ts';
import { textLiteral } from './sql.ts';

/**
 * Records and predictions of a request: `recs`, a list of the wanted values of each record as text, and `preds`, a list of JSON. NULL when
 * the body is none of the four forms, or no list of predictions. Where a request has several bodies, the first form counts.
 */
export function shapedSql({ name: p, fields }: Stage): string {
  const parsed = `SELECT v, f, early, CASE WHEN early IS NULL THEN TRY_CAST(q AS JSON) END AS q, CASE WHEN early IS NULL THEN TRY_CAST(p AS JSON) END AS p FROM ${p}_seen`;
  const bodies = `SELECT v, f, early, json_extract(q, ['/dataframe_split', '/dataframe_records', '/instances', '/inputs']) AS b, json_extract(p, '/predictions') AS y FROM (${parsed})`;
  const apart = `SELECT v, f, early, ${FORMS.map((form, place) => `${given(`b[${place + 1}]`)} AS ${form}`).join(', ')}, y FROM (${bodies})`;
  const split =
    "SELECT *, json_extract(split, '/data') AS data, json_extract(split, '/columns') AS cols, coalesce(instances, inputs) AS tensor " +
    `FROM (${apart})`;
  const names =
    "SELECT *, CASE WHEN json_type(cols) = 'ARRAY' THEN json_extract_string(cols, '$[*]') END AS names";
  const recs =
    `CASE WHEN split IS NOT NULL THEN CASE WHEN ${SPLIT_OK} THEN ${splitValues(requested(fields))} END ` +
    `WHEN records IS NOT NULL THEN ${recordValues('records', requested(fields))} ` +
    `WHEN json_type(tensor) = 'ARRAY' THEN ${recordValues('tensor', requested(fields))} ` +
    `WHEN instances IS NULL AND json_type(inputs) = 'OBJECT' THEN CASE WHEN ${DICT_OK} THEN ${dictValues(requested(fields))} END END`;
  return `SELECT v, f, early, ${recs} AS recs, CASE WHEN json_type(y) = 'ARRAY' THEN json_extract(y, '$[*]') END AS preds FROM (${names} FROM (${split}))`;
}

const FORMS = ['split', 'records', 'instances', 'inputs'] as const;

/** A JSON null is nothing given. */
function given(json: string): string {
  return `CASE WHEN json_type(${json}) <> 'NULL' THEN ${json} END`;
}

function requested(fields: readonly StageField[]): readonly StageField[] {
  return fields.filter(({ from }) => from === 'request');
}

/** Where in a record the value of a field is: a pointer, which takes any name as it is. */
function pointer({ name }: StageField): string {
  return textLiteral(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

const NOTHING = 'CAST([] AS VARCHAR[])';

/** All names different and there, and as many values in every row. */
const SPLIT_OK =
  'len(list_distinct(names)) = len(names) ' +
  "AND json_type(data) = 'ARRAY' AND len(list_filter(json_type(data, '$[*]'), lambda d: d <> 'ARRAY')) = 0 " +
  "AND len(list_filter(json_array_length(data, '$[*]'), lambda d: d <> len(names))) = 0";

function splitValues(fields: readonly StageField[]): string {
  const places = fields.map(({ name }) => `coalesce(list_position(names, ${textLiteral(name)}), 0)`);
  const picked =
    fields.length === 0
      ? NOTHING
      : `list_transform([${places.join(', ')}], lambda k: json_extract_string(d, '$[*]')[k])`;
  return `list_transform(json_extract(data, '$[*]'), lambda d: ${picked})`;
}

function recordValues(list: string, fields: readonly StageField[]): string {
  const picked =
    fields.length === 0 ? NOTHING : `json_extract_string(m, [${fields.map(pointer).join(', ')}])`;
  return (
    `CASE WHEN json_type(${list}) = 'ARRAY' AND len(list_filter(json_type(${list}, '$[*]'), lambda m: m <> 'OBJECT')) = 0 ` +
    `THEN list_transform(json_extract(${list}, '$[*]'), lambda m: ${picked}) END`
  );
}

/** A list per name, all of one length. */
const DICT_OK =
  "len(json_type(inputs, '$.*')) > 0 AND len(list_filter(json_type(inputs, '$.*'), lambda l: l <> 'ARRAY')) = 0 " +
  "AND len(list_distinct(json_array_length(inputs, '$.*'))) = 1";

/** Lists are zipped: a look-up per record would copy them as often as there are records. */
function dictValues(fields: readonly StageField[]): string {
  const length = "CAST(json_array_length(inputs, '$.*')[1] AS BIGINT)";
  const lists = fields.map(
    (field) => `coalesce(json_extract_string(json_extract(inputs, ${pointer(field)}), '$[*]'), [])`,
  );
  const picked =
    fields.length === 0 ? NOTHING : `[${fields.map((_, place) => `s[${place + 2}]`).join(', ')}]`;
  return `list_transform(list_zip(${[`range(${length})`, ...lists].join(', ')}), lambda s: ${picked})`;
}

/** Rows of records with every wanted value in its type. What cannot be read as its type is NULL, and the record is marked. */
export function typedSql({ name: p, fields }: Stage): string {
  const own = requested(fields);
  const texts = fields.map((field) => {
    const text = field.from === 'response' ? predictionText(field) : `z[${own.indexOf(field) + 1}]`;
    return `${text} AS t${field.alias}`;
  });
  const typed = fields.map(({ alias, kind }) =>
    kind === 'numeric' ? `${numberSql(`t${alias}`)} AS ${alias}` : `${levelSql(`t${alias}`)} AS ${alias}`,
  );
  const bad = fields.map(({ alias, from }) => {
    const there = from === 'response' ? 'answered' : `t${alias} IS NOT NULL`;
    return `(${there} AND ${alias} IS NULL)`;
  });
  const columns = [
    'v AS version',
    'f',
    'code',
    'place',
    ...typed,
    `${['false', ...bad].join(' OR ')} AS bad`,
  ];
  const answered = `coalesce(json_type(y) <> 'NULL', false) AS answered`;
  return `SELECT ${columns.join(', ')} FROM (SELECT ${['v', 'f', 'code', 'place', ...texts, answered].join(', ')} FROM ${p}_long)`;
}

/** A prediction is a value, an object that has it, a list of one, or a list in which its name is the place. */
function predictionText(field: StageField): string {
  const place = placeInList(field.name);
  const several = place === null ? '' : ` ELSE json_extract_string(y, '$[${place}]')`;
  return (
    `CASE json_type(y) WHEN 'OBJECT' THEN json_extract_string(y, ${pointer(field)}) ` +
    `WHEN 'ARRAY' THEN CASE WHEN json_array_length(y) = 1 THEN json_extract_string(y, '$[0]')${several} END ` +
    "ELSE json_extract_string(y, '$') END"
  );
}

/** Underscores between digits are an invention of this engine. */
function numberSql(text: string): string {
  return `CASE WHEN contains(${text}, '_') THEN NULL ELSE TRY_CAST(${text} AS DOUBLE) END`;
}

/** As everywhere else 7.0 is the level 7. */
function levelSql(text: string): string {
  const whole = `regexp_full_match(${text}, '-?[0-9]+[.]0')`;
  return `CASE WHEN ends_with(${text}, '.0') AND ${whole} THEN left(${text}, length(${text}) - 2) ELSE ${text} END`;
}
