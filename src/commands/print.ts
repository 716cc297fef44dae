import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configJsonSchema } from '../config/json-schema.ts';
import { metricsReference } from '../metrics/reference.ts';
import { type CommandContext, CommandError, EXIT, printResult } from './context.ts';

/** What ships with the program and what can be generated from it, for provisioning elsewhere. */
export const PRINTABLE = ['dashboards', 'alerts', 'config-schema', 'metrics'] as const;
const LATER = ['grants', 'reader-view'] as const;

export async function printCommand(
  options: { what: string; out: string },
  context: CommandContext,
): Promise<number> {
  const written = await write(options.what, options.out);
  printResult(
    context,
    { written },
    written.map((path) => `wrote ${path}`),
  );
  return EXIT.ok;
}

async function write(what: string, out: string): Promise<readonly string[]> {
  await mkdir(out, { recursive: true });
  switch (what) {
    case 'dashboards':
      return copyShipped('dashboards', '.json', out);
    case 'alerts':
      return copyShipped('alerts', '.yaml', out);
    case 'config-schema':
      return writeText(
        join(out, 'driftwarden.schema.json'),
        `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
      );
    case 'metrics':
      return writeText(join(out, 'metrics.md'), metricsReference());
    default:
      throw new CommandError(
        (LATER as readonly string[]).includes(what)
          ? `print ${what} is not in this version.`
          : `There is no "${what}" to print: choose one of ${PRINTABLE.join(', ')}.`,
      );
  }
}

async function writeText(path: string, text: string): Promise<readonly string[]> {
  await writeFile(path, text);
  return [path];
}

/** Copies the files of one kind that lie beside `src/` and `dist/` in the package. */
async function copyShipped(folder: string, ending: string, out: string): Promise<readonly string[]> {
  const from = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
  const files = (await readdir(from)).filter((file) => file.endsWith(ending)).sort();
  for (const file of files) await cp(join(from, file), join(out, file));
  return files.map((file) => join(out, file));
}
