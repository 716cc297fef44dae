import { z } from 'zod';
import { DEFAULTS, DEFAULTS_WHEN_GIVEN } from './defaults.ts';
import { isTree, valueAt } from './names.ts';
import { NOT_YET } from './not-yet.ts';
import { mainFile } from './schema.ts';

/** The part of JSON Schema that describes the configuration. */
export interface JsonSchema {
  $schema?: string;
  $id?: string;
  $ref?: string;
  title?: string;
  type?: string | string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  properties?: { [key: string]: JsonSchema };
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  $defs?: { [name: string]: JsonSchema };
  [other: string]: unknown;
}

/** The JSON schema (draft 2020-12) of `driftwarden.yaml`: what the loader accepts, with meanings and defaults, for editors. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(mainFile, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;
  annotate(schema, []);
  for (const [name, definition] of Object.entries(schema.$defs ?? {})) {
    annotate(definition, name === 'model' ? ['models', '*'] : [name]);
  }
  const { $schema, ...rest } = schema;
  return { ...($schema === undefined ? {} : { $schema }), title: 'driftwarden.yaml', ...rest };
}

/** Writes defaults and what this version lacks beside each key, and leaves out bounds that only say "an exact integer". */
function annotate(schema: JsonSchema, path: readonly string[]): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  const fallback = defaultAt(path);
  if (fallback !== undefined && !isTree(fallback)) schema.default = fallback;
  const lacking = NOT_YET.filter((row) => fits(row.path.split('.'), path));
  const words = lacking
    .filter(
      (row) => row.value === undefined || row.value === schema.const || schema.enum?.includes(row.value),
    )
    .map(
      (row) => `Not in this version${schema.enum === undefined ? '' : `: ${row.value}`} (${row.instead}).`,
    );
  if (words.length > 0) schema.description = [schema.description, ...words].filter(Boolean).join(' ');
  for (const [inner, step] of innerSchemas(schema)) annotate(inner, step === null ? path : [...path, step]);
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  return (
    pattern.length === path.length && pattern.every((step, index) => step === '*' || step === path[index])
  );
}

/** The schemas right inside one, each with the step that leads there; null where it stands at the same place. */
function innerSchemas(schema: JsonSchema): readonly (readonly [JsonSchema, string | null])[] {
  return [
    ...Object.entries(schema.properties ?? {}).map(([key, inner]) => [inner, key] as const),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map((branch) => [branch, null] as const),
    ...(isTree(schema.additionalProperties) ? [[schema.additionalProperties, '*'] as const] : []),
    ...(schema.items === undefined ? [] : [[schema.items, '*'] as const]),
  ];
}

function defaultAt(path: readonly string[]): unknown {
  return valueAt(DEFAULTS, path) ?? valueAt(DEFAULTS_WHEN_GIVEN, path);
}
