import { describe, expect, test } from 'vitest';
import type { Rollback } from '../../src/rollback/rollback.ts';
import { howToStop, planLines, readinessLine } from '../../src/rollback/words.ts';
import { aModel, aPlan, aView, rollbackIn, unseen } from './support.ts';

const { rollback: CONFIG } = aModel();

describe('a plan in words', () => {
  test('says what moves, and nothing of what does not', () => {
    expect(planLines(aPlan())).toEqual([
      'traffic of credit-pd: pd-7 100 %, pd-6 0 %  ->  pd-7 0 %, pd-6 100 %',
      'alias champion: 7  ->  6',
    ]);
    expect(planLines(aPlan(aModel({ moves: ['alias'] })))).toEqual(['alias champion: 7  ->  6']);
    expect(planLines(aPlan(aModel({ moves: ['traffic'] })))).toHaveLength(1);
    expect(planLines(aPlan(aModel(), aView({ endpoint: unseen() })))).toEqual(['alias champion: 7  ->  6']);
  });

  test.each([
    ['hot', 'seconds to a minute', '; after 5m a person is called'],
    ['cold', 'minutes', '; after 30m a person is called'],
    ['absent', 'minutes to half an hour', '; after 1h a person is called'],
    ['none', 'refused', 'cannot be read'],
  ] as const)('a target that is %s takes %s', (...[readiness, time, end]) => {
    const line = readinessLine(readiness, CONFIG);
    expect(line.startsWith(`readiness ${readiness}: ${time}`)).toBe(true);
    expect(line.endsWith(end)).toBe(true);
  });
});

describe('how to stop it', () => {
  const stop = (state: Rollback['state'], fields: Partial<Rollback> = {}) =>
    howToStop(rollbackIn(state, fields));

  test.each([
    ['planned', 'ends as blocked'],
    ['awaiting_approval', 'do not approve it'],
    ['shifting_traffic', 'cannot be called back'],
    ['traffic_verified', 'ends it as superseded'],
    ['moving_alias', 'cannot be called back'],
    ['dwelling', 'ends it as superseded'],
  ] as const)('%s: %s', (state, words) => {
    expect(stop(state)).toContain(words);
    expect(stop(state)).toContain('driftwarden rollback stop');
  });

  test('of one that has ended is how to allow the next one, where a hold is left', () => {
    const release = 'driftwarden rollback release credit_pd --version 7';
    expect(stop('done')).toContain(release);
    expect(stop('needs_human')).toContain(release);
    expect(stop('cancelled')).toContain(release);
    expect(stop('blocked')).toBe('it has ended and changed nothing.');
    expect(stop('expired')).toBe('it has ended and changed nothing.');
    expect(stop('superseded', { wrote: false })).toBe('it has ended and changed nothing.');
  });
});
