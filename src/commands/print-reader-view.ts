import { openApp } from '../app.ts';
import { BUILD } from '../build.ts';
import type { Config, ModelConfig } from '../config/config.ts';
import { watchedFeatures } from '../evaluation/columns.ts';
import { configuredModel } from '../requests/model.ts';
import { FILL_IN } from '../warehouse/grants.ts';
import { readerView } from '../warehouse/reader-view.ts';
import { type CommandContext, CommandError } from './context.ts';
import { configOf } from './reach.ts';

/** The view of one model as a file. The table is looked at only where the configuration names no features. */
export async function printedReaderView(
  name: string | null,
  context: CommandContext,
): Promise<{ readonly name: string; readonly text: string }> {
  const config = await configOf(context);
  if (name === null)
    throw new CommandError('Say which model: driftwarden print reader-view MODEL --out DIR.');
  const model = configuredModel(config, name);
  if (config.warehouse.kind !== 'databricks')
    throw new CommandError(
      'A reader view is for a Databricks warehouse: on files, who reads them reads all of them.',
    );
  const { layout } = model.source;
  if (layout !== 'columns')
    throw new CommandError(
      `The table of ${name} has layout ${layout}: the reader unpacks requests and responses, and a view that does so is not in this version. Make one with a column per feature by hand and set source.layout: columns.`,
    );
  const reader = config.workspace?.reader;
  const principal = reader?.kind === 'oauth' ? reader.clientId : FILL_IN.reader;
  const text = readerView(model, await featureColumns(model, config, context), principal);
  if (text === null)
    throw new CommandError(
      `Write source.table of ${name}, ${model.source.table}, as catalog.schema.table: the view is put beside it.`,
    );
  return { name: `reader-view-${name}.sql`, text };
}

async function featureColumns(
  model: ModelConfig,
  config: Config,
  { clocks, logger }: CommandContext,
): Promise<readonly string[]> {
  const { features, drift } = model;
  if (features !== null)
    return Object.keys(features).filter((feature) => drift.features[feature]?.ignore !== true);
  const app = await openApp({ config, mode: 'read', clocks, logger, build: BUILD });
  try {
    return (await watchedFeatures(model, app.cycle().warehouse)).map(({ from }) => from);
  } finally {
    await app.close();
  }
}
