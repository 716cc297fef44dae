import { describe, expect, test } from 'vitest';
import {
  type FamilyAnswer,
  type FamilyQuestion,
  judgeFamily,
  type TestQuestion,
} from '../../../src/judge/evidence/judge-family.ts';
import { rememberLibraries } from '../../../src/judge/evidence/libraries.ts';
import { DECILES, RISING, STEEP } from './support.ts';

const libraries = rememberLibraries();
const DAY = 86_400_000;
const SHIFTED = [0.036, 0.05, 0.064, 0.078, 0.092, 0.108, 0.122, 0.136, 0.15, 0.164];
const LABELS = [
  ...Array.from({ length: 10 }, (_, cell) => `(${cell}, ${cell + 1}]`),
  'missing',
  'non_finite',
];

type Rows = readonly [shares: readonly number[], rows: number] | null;

/** A small world of numeric features whose windows are exactly as expected: no chance in it. */
function world(features: readonly string[], options: Partial<FamilyQuestion & TestQuestion> = {}) {
  let states: FamilyAnswer['states'] = [];
  return {
    window: (
      end: number,
      rows: { readonly [feature: string]: Rows },
      released: readonly string[] = [],
    ): FamilyAnswer => {
      const answer = judgeFamily({
        windowEnd: end * DAY,
        finalTo: (end - 3) * DAY,
        windowsPerYear: 365.25,
        falseAlarmsPerYear: 0.5,
        minRows: 1,
        libraries,
        ...options,
        tests: features.map((subject) => ({
          ...question(subject, rows[subject] ?? null, options),
          state: states.find(({ key }) => key === subject)?.state ?? null,
          released: released.includes(subject),
        })),
      });
      states = JSON.parse(JSON.stringify(answer.states)) as FamilyAnswer['states'];
      return answer;
    },
  };
}

function question(subject: string, rows: Rows, options: Partial<TestQuestion>): TestQuestion {
  return {
    key: subject,
    check: 'drift',
    subject,
    kind: 'psi',
    title: 'PSI',
    labels: LABELS,
    ordered: 10,
    baseline: [...DECILES.q.map(() => 2000), 0, 0],
    losses: null,
    counts: rows === null ? null : [...rows[0].map((share) => share * rows[1]), 0, 0],
    limits: { warn: 0.1, breach: 0.25 },
    value: 0.31,
    ...options,
    state: null,
    released: false,
  };
}

function only(answer: FamilyAnswer) {
  const judgement = answer.tests[0];
  if (judgement === undefined) throw new Error('nothing was judged');
  return judgement;
}

describe('five situations', () => {
  test('quiet', () => {
    const { verdict, reason, evidence, evidenceNeeded, estimate, recovery, alarmed } = only(
      world(['income'], { value: 0.004 }).window(1, { income: [DECILES.q, 5000] }),
    );
    expect(verdict).toBe('ok');
    expect(reason).toBe('PSI of income is 0.004 on 5 000 rows. It is within the warn limit 0.1.');
    expect(evidence).toBeLessThan(0);
    expect(evidenceNeeded).toBeCloseTo(Math.log10(730.5), 12);
    expect([estimate, recovery, alarmed]).toEqual([0, null, false]);
  });

  test('proven and over the limit', () => {
    const judged = only(world(['income']).window(1, { income: [STEEP, 4812] }));
    expect(judged.verdict).toBe('breach');
    expect(judged.alarmed).toBe(true);
    expect(judged.evidence ?? 0).toBeGreaterThanOrEqual(judged.evidenceNeeded);
    expect(judged.estimate).toBeGreaterThan(0.25);
    expect(judged.reason).toMatch(
      /^PSI of income is 0\.31 on 4 812 rows\. That it is beyond 0\.1 is proven: more than a million to 1 over one window, 731 to 1 asked\. Its size there, with what noise adds taken off, is 0\.4\d+, over the breach limit 0\.25\. Most of it is in \(0, 1\] \(10 % of the baseline, 2 % now\) and \(9, 10\] \(10 % of the baseline, 22 % now\)\. Rows are taken as independent of each other\.$/,
    );
  });

  test('names cells by edges that can be read', () => {
    const labels = DECILES.q.map((_, cell) => `(${cell + 0.123456789012}, ${cell + 1.123456789012}]`);
    const named = world(['income'], { labels: [...labels, 'missing', 'non_finite'] });
    expect(only(named.window(1, { income: [STEEP, 4812] })).reason).toContain(
      'Most of it is in (0.123457, 1.12346] (10 % of the baseline, 2 % now) and (9.12346, 10.1235] (',
    );
  });

  test('over the limit but not proven: it says how many rows it takes, and they suffice', () => {
    const small = world(['income']);
    const judged = only(small.window(1, { income: [STEEP, 120] }));
    expect(judged.verdict).toBe('insufficient');
    expect(judged.reason).toContain(
      'over the breach limit 0.25, but that it is beyond 0.1 is not proven yet',
    );
    const more = Number(/takes about ([\d ]+) more rows/.exec(judged.reason)?.[1]?.replaceAll(' ', ''));
    expect(more).toBeGreaterThan(20);
    expect(more).toBeLessThan(600);
    // No table is as good as the one that knows, so it takes somewhat more.
    expect(only(small.window(2, { income: [STEEP, 2 * more] })).verdict).toBe('breach');
  });

  test('proven but small', () => {
    const judged = only(world(['income']).window(1, { income: [SHIFTED, 50_000] }));
    expect(judged.estimate).toBeGreaterThan(0.1);
    expect(judged.estimate).toBeLessThan(0.25);
    expect(judged.verdict).toBe('warn');
    expect(judged.reason).toContain('not over the breach limit 0.25.');
  });

  test('recovered', () => {
    const once = world(['income'], { value: 0.05 });
    once.window(1, { income: [STEEP, 5000] });
    const out = only(once.window(2, { income: [STEEP, 5000] }));
    expect([out.verdict, out.recovery, out.alarmed]).toEqual(['breach', 'still out', false]);
    expect(out.reason).toContain('Still out: less than 1 to 1 that it has ended, 100 to 1 asked.');
    const back = only(once.window(3, { income: [DECILES.q, 5000] }));
    expect([back.verdict, back.recovery]).toEqual(['ok', 'recovered']);
    expect(back.reason).toMatch(
      /^PSI of income is 0\.05 on 5 000 rows\. It has recovered: .*, 100 to 1 asked\.$/,
    );
    const later = only(once.window(4, { income: [DECILES.q, 5000] }));
    expect([later.verdict, later.recovery]).toEqual(['ok', null]);
  });
});

describe('the life of a case', () => {
  test('evidence gathers over windows until it is proven, and the reason counts them', () => {
    const slow = world(['income'], { falseAlarmsPerYear: 0.0005 });
    const verdicts: string[] = [];
    let reason = '';
    for (let end = 1; end <= 12 && !verdicts.includes('breach'); end += 1) {
      const judged = only(slow.window(end, { income: [STEEP, 100] }));
      verdicts.push(judged.verdict);
      reason = judged.reason;
    }
    expect(verdicts.slice(0, -1).every((verdict) => verdict === 'insufficient')).toBe(true);
    expect(verdicts.length).toBeGreaterThan(2);
    expect(reason).toMatch(/over (three|four|five|six|seven) windows, 73[01] 000 to 1 asked/);
  });

  test('from warn it becomes breach when it has clearly gone over that limit', () => {
    const growing = world(['income']);
    expect(only(growing.window(1, { income: [SHIFTED, 50_000] })).verdict).toBe('warn');
    expect(only(growing.window(2, { income: [SHIFTED, 2000] })).verdict).toBe('warn');
    const worse = only(growing.window(3, { income: [STEEP, 2000] }));
    expect(worse.verdict).toBe('breach');
    expect(worse.reason).toContain('not over the breach limit 0.25; since then it has gone over it.');
    expect(only(growing.window(4, { income: [SHIFTED, 2000] })).verdict).toBe('breach');
  });

  test('it is undecided after thirty windows without proof either way', () => {
    const border = world(['income']);
    border.window(1, { income: [STEEP, 5000] });
    let word: string | null = null;
    for (let end = 2; end <= 31; end += 1) word = only(border.window(end, { income: [RISING, 15] })).recovery;
    expect(word).toBe('undecided');
    const judged = only(border.window(32, { income: [RISING, 15] }));
    expect(judged.verdict).toBe('breach');
    expect(judged.reason).toContain('a person decides.');
  });

  test('a person who closes it lets the test start anew', () => {
    const closed = world(['income']);
    closed.window(1, { income: [STEEP, 5000] });
    const judged = only(closed.window(2, { income: [DECILES.q, 10] }, ['income']));
    expect([judged.verdict, judged.recovery]).toEqual(['ok', null]);
    expect(only(closed.window(3, { income: [STEEP, 5000] })).alarmed).toBe(true);
  });

  test('the same window judged again says the same', () => {
    const again = world(['income', 'age']);
    const rows = { income: [STEEP, 5000], age: [DECILES.q, 5000] } as const;
    again.window(1, { income: [DECILES.q, 5000], age: [DECILES.q, 5000] });
    const first = again.window(2, rows);
    expect(again.window(2, rows)).toEqual(first);
    expect(again.window(2, rows)).toEqual(first);
    const back = { income: [DECILES.q, 5000], age: [DECILES.q, 5000] } as const;
    const recovered = again.window(3, back);
    expect(only(recovered).recovery).toBe('recovered');
    expect(again.window(3, back)).toEqual(recovered);
  });

  test('late rows may raise the alarm that was not there', () => {
    const late = world(['income']);
    late.window(1, { income: [STEEP, 60] });
    expect(only(late.window(2, { income: [STEEP, 60] })).alarmed).toBe(false);
    const judged = only(late.window(1, { income: [STEEP, 5000] }));
    expect(judged.alarmed).toBe(true);
    expect(judged.verdict).toBe('breach');
  });

  test('a revised window is told as it stands after it, not after later ones', () => {
    const revised = world(['income'], { value: 0.02 });
    revised.window(1, { income: [DECILES.q, 5000] });
    revised.window(2, { income: [STEEP, 5000] });
    const again = only(revised.window(1, { income: [DECILES.q, 5010] }));
    expect([again.verdict, again.alarmed, again.recovery]).toEqual(['ok', false, null]);
    const second = only(revised.window(2, { income: [STEEP, 5010] }));
    expect([second.verdict, second.alarmed]).toEqual(['breach', true]);
    expect(only(revised.window(3, { income: [STEEP, 5000] })).alarmed).toBe(false);
  });

  test('corrected rows do not take it back, and the reason says what is left', () => {
    const corrected = world(['income']);
    corrected.window(1, { income: [STEEP, 2000] });
    const judged = only(corrected.window(2, { income: [STEEP, 2000] }));
    expect(judged.reason).not.toContain('withdrawn');
    const after = only(corrected.window(1, { income: [DECILES.q, 100] }));
    expect(after.verdict).toBe('breach');
    expect(after.reason).toContain('withdrawn evidence: it is now less than 1 to 1; the alarm stands.');
  });
});

describe('a family', () => {
  test('asks each test for the threshold over its weight', () => {
    const features = Array.from({ length: 50 }, (_, index) => `f${index}`);
    const rows = Object.fromEntries(features.map((feature) => [feature, [DECILES.q, 1000] as const]));
    const { tests } = world(features, { value: 0.17 }).window(1, rows);
    expect(tests[0]?.evidenceNeeded).toBeCloseTo(Math.log10(730.5 * 50), 12);
    expect(tests[0]?.reason).toMatch(/is not proven: less than 1 to 1, 36 500 to 1 asked\.$/);
  });

  test('names the tests that are proven and no bystander', () => {
    const family = world(['income', 'age', 'region']);
    const { tests, several } = family.window(1, {
      income: [STEEP, 5000],
      age: [DECILES.q, 5000],
      region: [STEEP, 5000],
    });
    expect(tests.map(({ verdict }) => verdict)).toEqual(['breach', 'ok', 'breach']);
    expect(several).toBeNull();
  });

  describe('raises an alarm of several where none is proven alone', () => {
    const features = Array.from({ length: 20 }, (_, index) => `f${index}`);
    const all = (rows: Rows): { readonly [feature: string]: Rows } =>
      Object.fromEntries(features.map((feature) => [feature, rows]));

    test('and it goes on until the members have recovered', () => {
      const family = world(features, { falseAlarmsPerYear: 50, windowsPerYear: 3650 });
      let end = 1;
      let answer = family.window(end, all([STEEP, 12]));
      while (answer.several === null && end < 60) {
        end += 1;
        answer = family.window(end, all([STEEP, 12]));
      }
      const { several } = answer;
      if (several === null) throw new Error('no alarm');
      expect(several.verdict).toBe('breach');
      expect(several.members.length).toBeGreaterThan(1);
      expect(several.evidence).toBeGreaterThanOrEqual(several.evidenceNeeded);
      expect(several.evidenceNeeded).toBeCloseTo(Math.log10(73), 12);
      expect(several.reason).toContain('No single one is proven.');
      expect(several.reason).toMatch(/The evidence comes from PSI of f\d+ \(\d+ %\), PSI of f\d+ \(/);
      for (const { key, verdict, reason } of answer.tests.filter(({ key }) =>
        several.members.includes(key),
      )) {
        expect(verdict, key).toBe('insufficient');
        expect(reason, key).toContain('it is one of');
      }
      expect(family.window(end + 1, all([STEEP, 12])).several?.members).toEqual(several.members);
      expect(family.window(end + 2, all([DECILES.q, 500])).several).toBeNull();
      expect(
        family.window(end + 3, all([DECILES.q, 500])).tests.every(({ verdict }) => verdict === 'ok'),
      ).toBe(true);
    });
  });

  test('a test without rows is insufficient, keeps its evidence, and the others go on', () => {
    const family = world(['income', 'age']);
    family.window(1, { income: [STEEP, 100], age: [DECILES.q, 100] });
    const before = only(family.window(1, { income: [STEEP, 100], age: [DECILES.q, 100] })).evidence;
    const { tests } = family.window(2, { income: null, age: [DECILES.q, 100] });
    expect(tests[0]?.verdict).toBe('insufficient');
    expect(tests[0]?.evidence).toBe(before);
    expect(tests[1]?.verdict).toBe('ok');
  });

  test('fewer rows than asked for are insufficient: one below, at', () => {
    const asked = world(['income'], { minRows: 200, value: 0.05 });
    expect(only(asked.window(1, { income: [DECILES.q, 199] })).reason).toBe(
      'PSI of income needs at least 200 rows in a window, this one has 199.',
    );
    expect(only(asked.window(2, { income: [DECILES.q, 200] })).verdict).toBe('ok');
  });

  test('a baseline too small for its cells is insufficient and says how many rows it needs', () => {
    const poor = world(['income'], { baseline: [...DECILES.q.map(() => 89), 0, 0] });
    const answer = poor.window(1, { income: [STEEP, 5000] });
    const judged = only(answer);
    expect([judged.verdict, judged.evidence, judged.alarmed]).toEqual(['insufficient', null, false]);
    expect(answer.states[0]?.state.records).toMatchObject([{ end: DAY, counts: null }]);
    expect(judged.reason).toContain('it has 890 rows, the limit 0.1 needs 900 for its cells');
    const enough = world(['income'], { baseline: [...DECILES.q.map(() => 90), 0, 0] });
    expect(only(enough.window(1, { income: [STEEP, 5000] })).verdict).toBe('breach');
  });

  test('a changed limit restarts the detector', () => {
    const options: { limits: TestQuestion['limits'] } = { limits: { warn: 0.1, breach: 0.25 } };
    const changed = world(['income'], options);
    changed.window(1, { income: [STEEP, 5000] });
    options.limits = { warn: 0.12, breach: 0.25 };
    const judged = only(changed.window(2, { income: [DECILES.q, 5000] }));
    expect([judged.verdict, judged.recovery]).toEqual(['ok', null]);
  });

  test('judges rates: what is missing', () => {
    const options = {
      kind: 'rate',
      title: 'Missing rate',
      labels: ['present', 'missing'],
      ordered: 0,
      baseline: [9990, 10],
      limits: { warn: 0.01, breach: 0.05 },
    } as const;
    const rate = (share: number, rows: number): FamilyAnswer => {
      const counts = [rows * (1 - share), rows * share];
      return judgeFamily({
        windowEnd: DAY,
        finalTo: 0,
        windowsPerYear: 365.25,
        falseAlarmsPerYear: 0.5,
        minRows: 1,
        libraries,
        tests: [{ ...question('income', null, options), counts, value: share }],
      });
    };
    expect(only(rate(0.009, 5000)).verdict).toBe('ok');
    expect(only(rate(0.03, 5000)).verdict).toBe('warn');
    expect(only(rate(0.2, 5000)).verdict).toBe('breach');
    expect(only(rate(0.2, 20)).verdict).toBe('insufficient');
  });
});
