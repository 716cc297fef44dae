import { createRequire } from 'node:module';
import { z } from 'zod';

const Package = z.object({ version: z.string() });

/** Version of the program, from its package.json: the same path beside `src/` and `dist/`. */
export const BUILD: string = Package.parse(createRequire(import.meta.url)('../package.json')).version;
