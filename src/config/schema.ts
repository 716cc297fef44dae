import { z } from 'zod';
import { actions, audit, calendar, http, metrics } from './schema-daemon.ts';
import { owner, ticketDesk } from './schema-desks.ts';
import { model } from './schema-model.ts';
import { registry, serving, store, warehouse, workspace } from './schema-outside.ts';
import { filePath, listOf, name, says } from './schema-parts.ts';

/**
 * What a configuration file may hold, every key with its meaning. Keys that may come from `defaults` are optional here;
 * `checks-model.ts` asks for the required ones once a model is complete. Default values stand in `defaults.ts`.
 */

const INCLUDE = says('is neither a glob nor a list of globs', 'write models.d/*.yaml');

const models = z.record(name, model);

export const mainFile = z.strictObject({
  version: z
    .literal(1, { error: says('must be 1', 'write version: 1 at the top of the file') })
    .describe('Required. Version of this format.'),
  include: z
    .union([filePath, listOf(filePath)], { error: INCLUDE })
    .optional()
    .describe('Glob, or list of globs with `*` and `?`, of files that hold `models`. Default none.'),
  workspace: workspace
    .optional()
    .describe(
      'A Databricks workspace; needed by `registry.kind: unity-catalog` and `serving.kind: databricks`.',
    ),
  warehouse: warehouse.optional().describe('Where the tables are.'),
  registry: registry.optional().describe('Where versions and aliases are.'),
  serving: serving.optional().describe('What serves the models.'),
  store: store.optional().describe('Where driftwarden keeps its state.'),
  http: http.optional().describe('Pages, API and metrics.'),
  audit: audit.optional().describe('The audit chain.'),
  owners: z
    .record(name, owner)
    .optional()
    .describe('Accountable people and groups. `default` is required when a model names no `owner`.'),
  ticketDesks: z.record(name, ticketDesk).optional().describe('Where exceptions are sent. Default none.'),
  actions: actions.optional().describe('Brakes shared by all models.'),
  calendar: calendar.optional().describe('Change windows.'),
  metrics: metrics.optional().describe('Size of `/metrics`.'),
  defaults: model
    .optional()
    .describe('Any key of a model, inherited by every model. Maps are merged, lists and values replaced.'),
  models: models
    .optional()
    .describe(
      'Required. Here or in included files: the monitored models by name; the name stands in metrics, URLs and commands.',
    ),
});

/** An included file holds models and nothing else. */
export const includedFile = z.strictObject({ models });

export type FileInput = z.infer<typeof mainFile>;
export type IncludedInput = z.infer<typeof includedFile>;
