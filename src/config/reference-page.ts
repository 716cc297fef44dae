import { configJsonSchema, type JsonSchema } from './json-schema.ts';
import { isTree } from './names.ts';

/** One key of the configuration, as the reference page shows it. */
interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

const INTRODUCTION = `# Configuration

Written from the schema in \`src/config/\`; after a change there run \`UPDATE_DOCS=1 npx vitest run test/config\`.
\`docs/config.schema.json\` says the same to editors, and \`driftwarden.example.yaml\` shows it in use.

- The file is YAML 1.2, read strictly: an unknown key, a wrong type, a key given twice or an impossible value is a
  problem, and all problems of all files are shown at once with file, line and key.
- A key marked *not in this version* is refused: nothing that is written here silently does nothing.
- Durations are a whole number and a unit: \`30s\`, \`5m\`, \`1h\`, \`1d\`, \`4w\`. Times are ISO 8601 with an offset; a date
  alone is midnight in UTC. Cron lines are in UTC.
- A secret is \`{ file: PATH }\` or \`{ env: NAME }\`. A secret written into the file is refused and not repeated.
- Paths are relative to the main configuration file, also those in included files.
- \`*\` stands for a name of your choice. What stands under \`defaults\` is inherited by every model: maps are merged, lists
  and single values replaced. A model that names \`baseline.table\` does not inherit \`baseline.trailing\`, and the reverse.
`;

/** \`docs/configuration.md\`: every key with type, default and meaning, from the same schema that the loader checks with. */
export function referencePage(): string {
  const schema = configJsonSchema();
  const definitions = schema.$defs ?? {};
  const sections = Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const rows = key === 'defaults' ? [] : innerRows(property, key, definitions);
    const own = rowOf(key, property);
    const facts = [own.type, own.fallback === '' ? '' : `default ${own.fallback}`].filter(
      (fact) => fact !== '',
    );
    const head = `## ${key}\n\n${own.meaning} (${facts.join(', ')})\n`.replace(
      'default required',
      'required',
    );
    return rows.length === 0 ? head : `${head}\n${table(rows)}`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ key, type, fallback, meaning }) => `| \`${key}\` | ${type} | ${fallback} | ${meaning} |\n`,
  );
  return `| key | type | default | meaning |\n|---|---|---|---|\n${lines.join('')}`;
}

type Definitions = { readonly [name: string]: JsonSchema };

/** Rows of everything inside a schema. Secrets are one value to a reader and are not taken apart. */
function innerRows(schema: JsonSchema, path: string, definitions: Definitions): readonly Row[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/$defs/', '');
    return name === 'secret' ? [] : innerRows(definitions[name] ?? {}, path, definitions);
  }
  const kinds = schema.oneOf ?? [];
  if (kinds.length > 0) return kindRows(kinds, path, definitions);
  const rows = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => [
    rowOf(`${path}.${key}`, property),
    ...innerRows(property, `${path}.${key}`, definitions),
  ]);
  if (isTree(schema.additionalProperties))
    rows.push(...innerRows(schema.additionalProperties, `${path}.*`, definitions));
  if (schema.items !== undefined) rows.push(...innerRows(schema.items, `${path}[]`, definitions));
  return rows;
}

/** Kinds of one thing: a row that explains them, then the keys each of them has. */
function kindRows(kinds: readonly JsonSchema[], path: string, definitions: Definitions): readonly Row[] {
  const names = kinds.map((kind) => String(kind.properties?.['kind']?.const));
  const meanings = kinds.map(
    (kind, index) => `\`${names[index]}\`: ${meaningOf(kind.properties?.['kind'] ?? {})}`,
  );
  const fallback = kinds.some((kind) => kind.required?.includes('kind') !== true);
  const first = kinds[0]?.properties?.['kind']?.default;
  const rows = new Map<string, { readonly row: Row; readonly of: string[] }>();
  kinds.forEach((kind, index) => {
    const { kind: _, ...properties } = kind.properties ?? {};
    for (const row of innerRows({ properties }, path, definitions)) {
      const place = JSON.stringify(row);
      const known = rows.get(place) ?? { row, of: [] };
      known.of.push(`\`${names[index]}\``);
      rows.set(place, known);
    }
  });
  return [
    {
      key: `${path}.kind`,
      type: 'kind',
      fallback: fallback && first !== undefined ? code(first) : 'required',
      meaning: meanings.join(' '),
    },
    ...[...rows.values()].map(({ row, of }) =>
      of.length === kinds.length ? row : { ...row, meaning: `(${of.join(', ')}) ${row.meaning}` },
    ),
  ];
}

/** A default is a value the schema knows, or a sentence of the description that begins with "Default". */
const DEFAULT_SENTENCE = / ?Default:? (.+?)\.(?= |$)/;

function rowOf(key: string, schema: JsonSchema): Row {
  const text = meaningOf(schema);
  if (schema.description?.startsWith('Required') === true) {
    return { key, type: typeOf(schema), fallback: 'required', meaning: text };
  }
  if (schema.default !== undefined) {
    return { key, type: typeOf(schema), fallback: code(schema.default), meaning: text };
  }
  const fallback = DEFAULT_SENTENCE.exec(text)?.[1] ?? '';
  return { key, type: typeOf(schema), fallback, meaning: text.replace(DEFAULT_SENTENCE, '').trim() };
}

function meaningOf(schema: JsonSchema): string {
  return (schema.description ?? '').replace(/^Required\. /, '').replaceAll('|', '\\|');
}

/** A value as a configuration file would hold it. */
function code(value: unknown): string {
  if (Array.isArray(value)) return `\`[${value.map(String).join(', ')}]\``;
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

const TYPES: { readonly [type: string]: string } = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'map',
  null: '`null`',
};

function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return schema.$ref.endsWith('/secret') ? 'secret' : 'map';
  if (schema.title !== undefined) return schema.title;
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.oneOf !== undefined) return 'map';
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.type === 'array')
    return `list of ${schema.items === undefined ? 'values' : typeOf(schema.items)}`;
  return [schema.type ?? []]
    .flat()
    .map((type) => TYPES[type] ?? type)
    .join(' or ');
}
