import { afterAll, describe } from 'vitest';
import { describeWarehouse } from '../../contracts/warehouse.ts';
import { type FakeSqlWarehouse, startFakeSqlWarehouse } from '../../support/fake-sql-warehouse.ts';
import { keyOf, readRecorded } from '../../support/recorded.ts';
import { openedOn } from './opened.ts';

// SIMULATED: no engine is behind this. Each statement answers what real Spark answered to exactly this text with exactly these
// values. It holds the text of every statement, the driver in the warehouse's dialect, and the reading of answers in both forms.
describe.each(['arrow', 'columns'] as const)('answers in %s', (format) => {
  const recorded = readRecorded();
  const fakes: FakeSqlWarehouse[] = [];
  afterAll(async () => {
    for (const fake of fakes) await fake.close();
  });
  describeWarehouse(
    'Databricks dialect, answers recorded from Spark',
    async () => {
      const fake = await startFakeSqlWarehouse({
        format,
        answer: (statement, values) =>
          recorded.get(keyOf(statement, values)) ?? {
            kind: 'failed',
            text: `[NOT_RECORDED] run RECORD_SPARK=1 npm run test:system -- spark, and look at what changed`,
            sqlState: null,
          },
      });
      fakes.push(fake);
      return openedOn(fake);
    },
    { random: false },
  );
});
