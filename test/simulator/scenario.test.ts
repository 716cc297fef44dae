import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { demoConfigYaml } from '../../src/simulator/demo-config.ts';
import { PORTFOLIO } from '../../src/simulator/lake/portfolio.ts';
import { createScenario, MAX_DAYS, MIN_DAYS } from '../../src/simulator/scenario.ts';
import { lendersEstate } from '../../src/simulator/workspace/estate.ts';
import { DAY, HOUR } from './support.ts';

const NOW = Date.UTC(2026, 10, 24, 13, 20, 5, 123);

describe('scenario', () => {
  it('ends now, begins at midnight, and has everything happen in its order in between', () => {
    const story = createScenario({ now: NOW, days: 30, seed: 7 });
    expect(story.end).toBe(NOW);
    expect(new Date(story.start).toISOString()).toBe('2026-10-25T00:00:00.000Z');
    expect(story.promotionAt).toBe(story.start + 6 * DAY + 10 * HOUR);
    expect(story.wrongAt).toBe(story.start + 18 * DAY + 9 * HOUR);
  });

  it.each([MIN_DAYS - 1, MAX_DAYS + 1, 12.5, Number.NaN])('refuses %d days', (days) => {
    expect(() => createScenario({ now: NOW, days, seed: 1 })).toThrow(/--days/);
  });

  it('leaves room for two windows in breach and two quiet ones, however short it is', () => {
    for (let days = MIN_DAYS; days <= 60; days += 1) {
      const { start, promotionAt, wrongAt, end } = createScenario({ now: NOW, days, seed: 1 });
      expect(promotionAt).toBeGreaterThan(start + DAY);
      expect(wrongAt).toBeGreaterThan(promotionAt + 3 * DAY);
      expect(end).toBeGreaterThan(Math.floor(wrongAt / DAY) * DAY + 4 * DAY + HOUR);
    }
    expect(createScenario({ now: NOW, days: MIN_DAYS, seed: 1 }).days).toBe(MIN_DAYS);
    expect(createScenario({ now: NOW, days: MAX_DAYS, seed: 1 }).days).toBe(MAX_DAYS);
  });

  it('tells of models, endpoints and versions that exist in the workspace and in the lake', () => {
    const { model, twin, endpoint, champion, challenger } = createScenario({ now: NOW, days: 30, seed: 1 });
    expect(PORTFOLIO.map(({ name }) => name)).toEqual([model, twin]);
    const estate = lendersEstate(NOW);
    for (const one of PORTFOLIO) {
      const served = estate.endpoints[one.endpoint]?.config.served_entities;
      expect(served?.map(({ entity_version }) => entity_version)).toEqual(Object.keys(one.versions));
      const { versions } = estate.models[`main.risk.${one.name}`] ?? {};
      expect(versions?.map(({ version }) => String(version))).toEqual(Object.keys(one.versions));
    }
    expect(estate.endpoints[endpoint]?.config.routes).toEqual({ 'credit_pd-6': 100, 'credit_pd-7': 0 });
    expect([champion, challenger]).toEqual(['6', '7']);
  });
});

describe('configuration of the demo', () => {
  const text = demoConfigYaml({
    workspaceUrl: 'http://127.0.0.1:4444',
    readerId: 'reader-id',
    actorId: 'actor-id',
    since: Date.UTC(2026, 9, 25),
    listen: '127.0.0.1:9469',
  });

  it('says that it is simulated, and names what the world writes', () => {
    expect(text).toContain('SIMULATED');
    const config = parse(text, { strict: true, uniqueKeys: true });
    expect(config.workspace.actor).toEqual({
      clientId: 'actor-id',
      clientSecret: { file: 'secrets/actor' },
    });
    expect(config.defaults.since).toBe('2026-10-25T00:00:00.000Z');
    expect(config.ticketDesks['simulated-desk'].url).toBe('http://127.0.0.1:4444/tickets');
    expect(Object.keys(config.models)).toEqual(PORTFOLIO.map(({ name }) => name));
    for (const model of PORTFOLIO) {
      const { source, baseline, endpoint } = config.models[model.name];
      expect(config.warehouse.tables[source.table]).toBe(`lake/${model.payload}/*.parquet`);
      expect(config.warehouse.tables[baseline.table]).toBe(`lake/${model.training}/*.parquet`);
      expect(endpoint).toBe(model.endpoint);
    }
  });

  it('arms the credit model and only watches its twin', () => {
    const { credit_pd, mortgage_pd } = parse(text).models;
    expect(credit_pd.rollback).toMatchObject({ mode: 'auto', on: ['prediction'] });
    expect(mortgage_pd.rollback).toEqual({ mode: 'observe' });
  });
});
