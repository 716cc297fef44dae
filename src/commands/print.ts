import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configJsonSchema } from '../config/json-schema.ts';
import { metricsReference } from '../metrics/reference.ts';
import { grantsFor } from '../warehouse/grants.ts';
import { grantsText } from '../warehouse/grants-text.ts';
import { type CommandContext, CommandError, EXIT, printResult } from './context.ts';
import { printedReaderView } from './print-reader-view.ts';
import { configOf } from './reach.ts';

/** What ships with the program, and what can be generated from it or from a configuration, for provisioning elsewhere. */
export const PRINTABLE = [
  'dashboards',
  'alerts',
  'config-schema',
  'metrics',
  'grants',
  'reader-view',
] as const;

export interface PrintOptions {
  /** One of {@link PRINTABLE}; `reader-view` is followed by a model. */
  readonly what: readonly string[];
  readonly out: string;
}

export async function printCommand(options: PrintOptions, context: CommandContext): Promise<number> {
  const files = await filesFor(options, context);
  await mkdir(options.out, { recursive: true });
  const written: string[] = [];
  for (const { name, text } of files) {
    const path = join(options.out, name);
    await writeFile(path, text);
    written.push(path);
  }
  printResult(
    context,
    { written },
    written.map((path) => `wrote ${path}`),
  );
  return EXIT.ok;
}

interface File {
  readonly name: string;
  readonly text: string;
}

async function filesFor({ what: words }: PrintOptions, context: CommandContext): Promise<readonly File[]> {
  const [what = '', ...more] = words;
  const [model, ...left] = what === 'reader-view' ? more : [undefined, ...more];
  if (left.length > 0) throw new CommandError(`print ${what}: leave out "${left.join(' ')}".`);
  switch (what) {
    case 'dashboards':
      return shipped('dashboards', '.json');
    case 'alerts':
      return shipped('alerts', '.yaml');
    case 'config-schema':
      return [{ name: 'driftwarden.schema.json', text: `${JSON.stringify(configJsonSchema(), null, 2)}\n` }];
    case 'metrics':
      return [{ name: 'metrics.md', text: metricsReference() }];
    case 'grants':
      return grants(context);
    case 'reader-view':
      return [await printedReaderView(model ?? null, context)];
    default:
      throw new CommandError(`There is no "${what}" to print: choose one of ${PRINTABLE.join(', ')}.`);
  }
}

async function grants(context: CommandContext): Promise<readonly File[]> {
  const found = grantsFor(await configOf(context));
  if (found.length === 0)
    throw new CommandError(
      'There is nothing to grant: this configuration names no Databricks workspace. Who runs driftwarden needs to read its files, that is all.',
    );
  return found.map((each) => ({ name: `grants-${each.role}.sql`, text: grantsText(each) }));
}

/** The files of one kind that lie beside `src/` and `dist/` in the package. */
async function shipped(folder: string, ending: string): Promise<readonly File[]> {
  const from = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
  const names = (await readdir(from)).filter((file) => file.endsWith(ending)).sort();
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(from, name), 'utf8') })));
}
