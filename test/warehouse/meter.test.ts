import { expect, test } from 'vitest';
import { createMeter, meteredBy, metering, withoutCost } from '../../src/warehouse/meter.ts';
import type { Meter, Warehouse } from '../../src/warehouse/warehouse.ts';

test('a statement that fails has been paid for as well', async () => {
  let now = 0;
  const meter = createMeter();
  const clock = { now: () => now };
  const work = (seconds: number, error?: Error) => async (): Promise<string> => {
    now += seconds * 1000;
    if (error !== undefined) throw error;
    return 'answer';
  };
  expect(await metering(work(2), { meter, clock })).toBe('answer');
  const broken = new Error('broken');
  await expect(metering(work(3, broken), { meter, clock })).rejects.toBe(broken);
  expect(await metering(work(5), { meter: undefined, clock })).toBe('answer');
  expect(meter.total()).toEqual({ statements: 2, seconds: 5 });
});

test('a clock that goes back takes nothing off', async () => {
  let now = 1000;
  const meter = createMeter();
  await metering(async () => (now = 0), { meter, clock: { now: () => now } });
  expect(meter.total()).toEqual({ statements: 1, seconds: 0 });
});

test('every call tells its own meter and those around it', async () => {
  const tell = (meter?: Meter): void => meter?.add({ statements: 1, seconds: 2 });
  const bare: Warehouse = {
    describe: async (_table, meter) => {
      tell(meter);
      return [];
    },
    bins: async (_request, meter) => {
      tell(meter);
      return { rows: 0, bins: {}, singles: {} };
    },
    count: async (_request, meter) => {
      tell(meter);
      return { groups: [] };
    },
    newest: async (_source, meter) => {
      tell(meter);
      return null;
    },
    close: async () => {},
  };
  const [outer, inner, own] = [createMeter(), createMeter(), createMeter()];
  const warehouse = meteredBy(meteredBy(bare, outer), inner);
  await warehouse.describe('t');
  await warehouse.bins({} as never);
  await warehouse.count({} as never, own);
  await warehouse.newest({} as never);
  expect([outer, inner, own].map((meter) => meter.total().statements)).toEqual([4, 4, 1]);
  expect(withoutCost(outer.total(), own.total())).toEqual({ statements: 3, seconds: 6 });
  expect(withoutCost(own.total(), outer.total())).toEqual({ statements: 0, seconds: 0 });
});
