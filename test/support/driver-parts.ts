import { createRequire } from 'node:module';

/** Libraries that the vendor's driver brings along, in its own versions; none of them is a dependency of ours. */
export const driverRequire = createRequire(createRequire(import.meta.url).resolve('@databricks/sql'));
