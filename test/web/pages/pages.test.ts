import { describe, expect, test } from 'vitest';
import type { Check, Evaluation } from '../../../src/judge/verdict.ts';
import type { Store, StoredEvaluation } from '../../../src/store/store.ts';
import type { WebDeps } from '../../../src/web/deps.ts';
import { sampleStore, start } from '../fake.ts';
import { type Element, elements, find, parseMarkup, textOf } from '../markup.ts';
import {
  CONFIG,
  DAY,
  EVALUATIONS,
  EXCEPTION,
  LAST,
  model,
  NOW,
  OLD_ROLLBACK,
  ROLLBACK,
  STATUSES,
} from '../sample.ts';

async function pageAt(url: string, changes: Partial<WebDeps> = {}): Promise<Element> {
  const { server } = await start(changes);
  const answer = await server.inject({ url });
  expect([url, answer.statusCode]).toEqual([url, 200]);
  return parseMarkup(answer.body);
}

const withStore = (changes: Partial<Store>): Partial<WebDeps> => ({ store: sampleStore(changes) });

/** What stands on a page, in one line. */
function wordsOf(page: Element): string {
  return textOf(find(page, 'main')[0] ?? '').replaceAll(/[\s\u00a0]+/g, ' ');
}

/** Text of a row's cells, by the name of their column. */
function cells(row: Element): { readonly [label: string]: string } {
  return Object.fromEntries(
    find(row, 'td').map((cell) => [
      cell.attributes['data-label'] ?? '',
      textOf(cell).replaceAll('\u00a0', ' '),
    ]),
  );
}

function rowsUnder(page: Element, heading: string): readonly Element[] {
  const all = elements(page);
  const from = all.findIndex((element) => element.name === 'h2' && textOf(element) === heading);
  expect(from).toBeGreaterThan(-1);
  const to = all.findIndex((element, index) => index > from && element.name === 'h2');
  return all
    .slice(from, to === -1 ? undefined : to)
    .filter(
      ({ name, children }) =>
        name === 'tr' && children.some((child) => typeof child !== 'string' && child.name === 'td'),
    );
}

describe('every page', async () => {
  async function crawl(changes: Partial<WebDeps> = {}): Promise<ReadonlyMap<string, Element>> {
    const { server } = await start(changes);
    const pages = new Map<string, Element>();
    const waiting = ['/'];
    for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
      if (pages.has(url)) continue;
      const answer = await server.inject({ url });
      expect([url, answer.statusCode]).toEqual([url, 200]);
      if (!String(answer.headers['content-type']).startsWith('text/html')) continue;
      const page = parseMarkup(answer.body);
      pages.set(url, page);
      // Two windows of each model say as much as sixty.
      const links = find(page, 'a').map((link) => link.attributes['href'] ?? '');
      waiting.push(
        ...links.filter((link) => link.startsWith('/') && !/^\/evaluations\/.*-(?!5[79]$)\d+$/.test(link)),
      );
    }
    return pages;
  }

  const sample = await crawl();

  test('is reached by links, and every link leads somewhere', () => {
    const urls = [...sample.keys()].sort();
    expect(urls).toEqual([
      '/',
      '/evaluations/ev-card_fraud-57',
      '/evaluations/ev-card_fraud-59',
      '/evaluations/ev-credit_pd-57',
      '/evaluations/ev-credit_pd-59',
      '/evaluations/ev-deposits-57',
      '/evaluations/ev-deposits-59',
      '/exceptions/ex-1',
      '/models/card_fraud',
      '/models/credit_pd',
      '/models/deposits',
      '/rollbacks/rb-0',
      '/rollbacks/rb-1',
    ]);
  });

  test('is sound: identifiers once, no script, no style of its own, headings in order, a language', () => {
    for (const page of sample.values()) {
      const all = elements(page);
      const ids = all.flatMap(({ attributes }) => attributes['id'] ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { attributes } of all) {
        const labels = attributes['aria-labelledby']?.split(' ') ?? [];
        expect(ids).toEqual(expect.arrayContaining(labels));
        expect(Object.keys(attributes).filter((name) => name === 'style' || name.startsWith('on'))).toEqual(
          [],
        );
      }
      expect(all.filter(({ name }) => ['script', 'form', 'iframe', 'img'].includes(name))).toEqual([]);
      expect(find(page, 'h1')).toHaveLength(1);
      expect(find(page, 'html')[0]?.attributes['lang']).toBe('en');
      expect(find(page, 'meta').map(({ attributes }) => attributes['http-equiv'])).toContain('refresh');
    }
  });

  test('has a word beside every mark', () => {
    for (const page of sample.values()) {
      for (const mark of find(page, 'span', 'verdict')) expect(textOf(mark)).not.toBe('');
    }
  });

  test('holds names from outside as text', async () => {
    const evil = '"><script>alert(1)</script>\'\u202e';
    const shown = evil.replace('\u202e', '\ufffd');
    const evaluation = hostile(evil);
    const deps: Partial<WebDeps> = {
      config: () => ({
        ...CONFIG,
        models: { [evil]: { ...model(evil), owner: evil, runbook: 'javascript:alert(1)' } },
      }),
      health: () => ({ healthy: false, ready: false, why: evil }),
      store: sampleStore({
        statuses: async () =>
          STATUSES.map((status) => ({
            ...status,
            model: evil,
            owner: evil,
            trouble: evil,
            championVersion: evil,
          })),
        evaluations: async () => [evaluation],
        evaluation: async () => evaluation,
        exceptions: async () => [hostileException(evil)],
        exception: async () => hostileException(evil),
        rollbacks: async () => [{ ...ROLLBACK, model: evil, from: evil, cause: evil, requestedBy: evil }],
        rollback: async () => ({ ...ROLLBACK, model: evil, from: evil, cause: evil, requestedBy: evil }),
      }),
    };
    const pages = await crawl(deps);
    expect(pages.size).toBe(6);
    for (const page of pages.values()) {
      expect(elements(page).filter(({ name }) => name === 'script')).toEqual([]);
      expect(wordsOf(page)).toContain(shown);
      const links = find(page, 'a').map((link) => link.attributes['href'] ?? '');
      expect(links.filter((link) => !link.startsWith('/') && !link.startsWith('https://'))).toEqual([]);
    }
  });
});

function hostile(name: string): StoredEvaluation {
  const stored = EVALUATIONS.find(({ record }) => record.evaluation === 'ev-credit_pd-59');
  if (stored === undefined) throw new Error('no such sample');
  const checks = stored.record.checks.map(
    (check): Check => ({
      ...check,
      subject: name,
      version: name,
      reason: name,
      cells:
        check.cells === null
          ? null
          : { ...check.cells, labels: check.cells.labels.map((label) => label + name) },
    }),
  );
  const policy = stored.record.policy.map((entry) => ({
    ...entry,
    version: name,
    reason: name,
    worst: name,
  }));
  const actions = [{ action: name, key: name, reason: name }];
  return { ...stored, record: { ...stored.record, model: name, checks, policy, actions } };
}

const hostileException = (name: string) => ({
  ...EXCEPTION,
  model: name,
  cause: name,
  owner: name,
  title: name,
  text: name,
  ticket: { desk: name, key: name, url: 'javascript:alert(1)' },
  history: [{ at: EXCEPTION.openedAt, state: 'open' as const, by: name, why: name }],
});

describe('banners', () => {
  test('there is none when all is well and real', async () => {
    expect(find(await pageAt('/'), 'div', 'banner')).toEqual([]);
  });

  test.each([
    '/',
    '/models/credit_pd',
    '/evaluations/ev-credit_pd-59',
    '/exceptions/ex-1',
    '/rollbacks/rb-1',
  ])('%s says that it is simulated', async (url) => {
    const page = await pageAt(url, withStore({ fact: async (name) => (name === 'simulated' ? '1' : null) }));
    expect(textOf(find(page, 'div', 'banner', 'simulated')[0] ?? '')).toMatch(/^Simulated\./);
    expect(textOf(find(page, 'span', 'asof')[0] ?? '')).toBe('simulated time 2026-11-24 02:40 UTC');
  });

  test.each([
    [true, false, 'Not ready: why not What stands below may be old.'],
    [false, false, 'Not healthy: why not What stands below may be old.'],
  ])('healthy %s, ready %s', async (healthy, ready, text) => {
    const page = await pageAt('/', { health: () => ({ healthy, ready, why: 'why not' }) });
    const [banner] = find(page, 'div', 'banner', 'sick');
    expect([banner?.attributes['role'], textOf(banner ?? '')]).toEqual(['alert', text]);
  });

  test('a page asks again as often as it is told', async () => {
    const refresh = async (changes: Partial<WebDeps>) =>
      find(await pageAt('/', changes), 'meta').find(
        ({ attributes }) => attributes['http-equiv'] === 'refresh',
      )?.attributes['content'];
    expect(await refresh({})).toBe('60');
    expect(await refresh({ refreshSeconds: 5 })).toBe('5');
  });
});

describe('status page', () => {
  test('all models, worst first, with what a person on call asks', async () => {
    const rows = find(await pageAt('/'), 'tr')
      .slice(1)
      .map(cells);
    expect(rows).toMatchObject([
      {
        State: 'breach',
        Model: 'credit_pdretail-credit · tier high',
        Versions: expect.stringMatching(/^serving v7champion v6.*alias differs$/),
        Exceptions: expect.stringMatching(/^critical driftdue 2026-11-23 01:02$/),
        Rollback: 'awaiting approvalv7 to v6',
        'Last evaluation': '2026-11-234 783 rows, 2 h ago',
      },
      {
        State: 'stale',
        'Worst check': 'driftThe table main.risk.deposits_payload has no rows newer than 2026-11-20 22:14.',
        Versions: 'not known yet',
      },
      { State: 'ok', Exceptions: 'none', Rollback: 'none' },
    ]);
    expect(rows[0]?.['Worst check']).toMatch(
      /^income psi 0\.4\d+.*warn 0\.1, breach 0\.25, noise floor 0\.00\d+$/,
    );
  });

  test('counts the states', async () => {
    expect(find(await pageAt('/'), 'li').map(textOf)).toEqual([
      'breach 1',
      'stale 1',
      'ok 1',
      '1 open exception, 1 rollback running',
    ]);
  });

  test('the tab says how it is', async () => {
    expect(textOf(find(await pageAt('/'), 'title')[0] ?? '')).toBe('breach – status · driftwarden');
  });

  test('a new installation has models and nothing known of them', async () => {
    const nothing = {
      statuses: async () => [],
      evaluations: async () => [],
      exceptions: async () => [],
      rollbacks: async () => [],
      verdicts: async () => [],
    };
    const page = await pageAt('/', withStore(nothing));
    expect(
      find(page, 'tr')
        .slice(1)
        .map((row) => cells(row)['State']),
    ).toEqual(['not evaluated yet', 'not evaluated yet', 'not evaluated yet']);
    expect(wordsOf(page)).not.toContain('Newest windows');
  });

  test('no model at all is said', async () => {
    expect(wordsOf(await pageAt('/', { config: () => ({ ...CONFIG, models: {} }) }))).toContain(
      'No model is configured.',
    );
  });

  test('the history tells the breach of a version that no longer serves', async () => {
    const page = await pageAt('/');
    const desc = find(page, 'desc')
      .map(textOf)
      .find((text) => text.startsWith('credit_pd: '));
    const credit = EVALUATIONS.filter(({ record }) => record.model === 'credit_pd');
    const breaches = credit.filter(({ record }) => record.verdict === 'breach').length;
    expect(desc).toContain(`credit_pd: ${credit.length} windows, ${breaches} breach`);
    expect(desc).toContain('rollback v6 to v5');
    expect(desc).toContain('deposits: 60 windows, 0 breach, 0 warn, 3 unknown');
  });
});

describe('model page', () => {
  test('says why in words, and what goes on', async () => {
    const text = wordsOf(await pageAt('/models/credit_pd'));
    expect(text).toMatch(/PSI of income is 0\.\d+ on 4 \d{3} rows, over the breach limit 0\.25\./);
    expect(text).toContain('Rollback from v7 to v6: Mode is approve: a person has to agree.');
    expect(text).toContain(`Open: ${EXCEPTION.title}.`);
    expect(text).toContain('A rollback would be held now by: mode');
  });

  test('has a verdict per check and version', async () => {
    const rows = rowsUnder(await pageAt('/models/credit_pd'), 'Verdicts').map(cells);
    expect(rows).toMatchObject([
      { Verdict: 'breach', Check: 'drift', Version: 'all', 'Decided by': 'income' },
      { Verdict: 'breach', Check: 'prediction', Version: '7', 'Decided by': 'score' },
    ]);
  });

  test('charts what moved, worst first, filled up to six, each with both drawings', async () => {
    const cards = find(await pageAt('/models/credit_pd'), 'section', 'feature');
    expect(cards.map((card) => textOf(find(card, 'h3')[0] ?? ''))).toEqual([
      'income',
      'score, version 7',
      'purpose',
      'debt_ratio',
      'age_of_account_months',
      'channel',
    ]);
    for (const card of cards) expect(find(card, 'svg', 'chart')).toHaveLength(2);
  });

  test('a quiet model shows what is nearest to its limits', async () => {
    const page = await pageAt('/models/card_fraud');
    expect(wordsOf(page)).toContain('Nearest to their limits');
    expect(wordsOf(page)).toContain('Every check is within its limits.');
    expect(find(page, 'section', 'feature')).toHaveLength(6);
  });

  test('the line over time begins with the version, breaks at the missing windows, and is marked at the rollback', async () => {
    const [income, score] = find(await pageAt('/models/credit_pd'), 'section', 'feature');
    const line = (card: Element | undefined) =>
      find(card ?? income!, 'path', 'value')[0]?.attributes['d'] ?? '';
    expect(line(income).match(/M/g)).toHaveLength(2);
    expect(line(score).match(/M/g)).toHaveLength(1);
    expect(line(score).match(/,/g)).toHaveLength(60 - 38);
    expect(find(income!, 'g', 'event')).toHaveLength(1);
    expect(find(score!, 'g', 'event')).toHaveLength(1);
  });

  test('beside the version that serves stands the line of the one before it', async () => {
    const [, score] = find(await pageAt('/models/credit_pd'), 'section', 'feature');
    expect(find(score!, 'text', 'other-name').map(textOf)).toEqual(['v6']);
    expect(find(score!, 'path', 'other')[0]?.attributes['d']?.match(/,/g)).toHaveLength(38 - 2);
  });

  test('windows that nobody could measure are hatched in every chart', async () => {
    const store = sampleStore();
    const deposits = await store.evaluations({ model: 'deposits', limit: 90 });
    const unmeasured = deposits.slice(0, 3);
    const newest = deposits[3]!;
    const later: StoredEvaluation = {
      ...newest,
      record: {
        ...newest.record,
        evaluation: 'ev-later',
        window: { start: new Date(LAST).toISOString(), end: new Date(LAST + DAY).toISOString() },
      },
    };
    const page = await pageAt(
      '/models/deposits',
      withStore({
        evaluations: async ({ limit }) => [later, ...unmeasured, ...deposits.slice(3)].slice(0, limit),
      }),
    );
    const [card] = find(page, 'section', 'feature');
    expect(find(card!, 'rect', 'unknown').map(textOf)).toEqual(['stale', 'stale', 'stale']);
  });

  test('lists versions with their share and what they are', async () => {
    const rows = rowsUnder(await pageAt('/models/credit_pd'), 'Versions and traffic')
      .filter((row) => find(row, 'td').some((cell) => cell.attributes['data-label'] === 'Version'))
      .map(cells);
    expect(rows).toEqual([
      { Version: 'v7', 'Share of traffic': '100 %', Is: 'serves most', 'First seen': '2026-11-04 00:00' },
      {
        Version: 'v6',
        'Share of traffic': '0 %',
        Is: 'champion, held after a rollback',
        'First seen': '2026-10-15 00:00',
      },
      {
        Version: 'v5',
        'Share of traffic': '0 %',
        Is: 'has the rollback alias',
        'First seen': '2026-09-25 00:00',
      },
    ]);
  });

  test.each([
    [24, ''],
    [25, '1 more are in warn or breach'],
  ])('of %d drifted features at most 24 are charted', async (count, note) => {
    const page = await pageAt(
      '/models/credit_pd',
      withStore({ evaluations: async () => [manyDrifted(count)] }),
    );
    expect(find(page, 'section', 'feature')).toHaveLength(24);
    expect(wordsOf(page).includes('more are in warn or breach')).toBe(note !== '');
    expect(wordsOf(page)).toContain(note);
  });

  test('a model that was never evaluated says so', async () => {
    const page = await pageAt(
      '/models/deposits',
      withStore({ evaluations: async () => [], exceptions: async () => [], rollbacks: async () => [] }),
    );
    expect(wordsOf(page)).toContain('No window of this model has been evaluated yet.');
    expect(wordsOf(page)).toContain('The registry and the endpoint have not been asked yet.');
  });
});

function manyDrifted(count: number): StoredEvaluation {
  const stored = EVALUATIONS.find(({ record }) => record.evaluation === 'ev-credit_pd-59');
  const income = stored?.record.checks.find(
    ({ subject, method }) => subject === 'income' && method === 'psi',
  );
  if (stored === undefined || income === undefined) throw new Error('no such sample');
  const checks = Array.from(
    { length: count },
    (_, index): Check => ({ ...income, subject: `feature ${index}` }),
  );
  return { ...stored, record: { ...stored.record, checks } satisfies Evaluation };
}

describe('the stories', () => {
  test('an evaluation tells what followed', async () => {
    const page = await pageAt('/evaluations/ev-credit_pd-57');
    expect(textOf(find(page, 'h1')[0] ?? '')).toBe('Window 2026-11-21 breach');
    expect(wordsOf(page)).toContain('open exception: drift was in breach in 3 of 4 windows');
    expect(rowsUnder(page, 'What followed').map(cells)).toMatchObject([
      { State: 'acknowledged', Ticket: 'jira-risk MRM-418' },
    ]);
    expect(rowsUnder(page, 'Every check')).toHaveLength(40);
  });

  test('an evaluation that a later revision replaced says so', async () => {
    const revised = EVALUATIONS.find(({ record }) => record.evaluation === 'ev-credit_pd-57')!;
    const later = { ...revised, record: { ...revised.record, evaluation: 'ev-r1', revision: 1 } };
    const page = await pageAt(
      '/evaluations/ev-credit_pd-57',
      withStore({ revisions: async () => [later, revised] }),
    );
    expect(wordsOf(page)).toContain('Late rows came: revision 1 has replaced this one.');
    const newest = await pageAt(
      '/evaluations/ev-r1',
      withStore({ evaluation: async () => later, revisions: async () => [later, revised] }),
    );
    expect(wordsOf(newest)).not.toContain('Late rows came');
  });

  test('an evaluation without consequence says so', async () => {
    expect(wordsOf(await pageAt('/evaluations/ev-card_fraud-59'))).toContain('What followed Nothing.');
  });

  test('an exception: whose, since when, until when, what was done and can be done', async () => {
    const page = await pageAt('/exceptions/ex-1');
    const text = wordsOf(page);
    expect(text).toContain('2026-11-23 01:02 overdue, 26 h ago');
    expect(text).toContain('drift, with prediction');
    expect(text).toContain('0 of the 2 that resolve it');
    expect(find(page, 'ol', 'steps')[0]?.children.map(textOf)).toEqual([
      '2026-11-22 01:02:00openPSI of income was over the breach limit in 3 of 4 windows.',
      '2026-11-22 02:30:00acknowledgedLooking at the new broker feed. – A. Ndiaye (claimed)',
    ]);
    expect(rowsUnder(page, 'Ticket deliveries').map(cells)).toMatchObject([
      { State: 'delivered', Attempts: '2', 'Last trouble': 'jira-risk answered 503' },
    ]);
    expect(find(page, 'pre').map(textOf)).toEqual([
      'driftwarden exceptions accept-risk ex-1 --until 2030-01-31T00:00:00Z --by WHO --reason TEXT',
      'driftwarden exceptions resolve ex-1 --by WHO --reason TEXT',
    ]);
  });

  test.each([
    ['open', 3],
    ['resolved', 0],
  ] as const)('an exception that is %s offers %d ways', async (state, ways) => {
    const page = await pageAt(
      '/exceptions/ex-1',
      withStore({ exception: async () => ({ ...EXCEPTION, state }) }),
    );
    expect(find(page, 'pre')).toHaveLength(ways);
    expect(wordsOf(page).includes('overdue')).toBe(state === 'open');
  });

  test.each([
    [NOW - 1, true],
    [NOW, false],
    [NOW + 1, false],
  ])('due at %d, it is overdue: %s', async (due, overdue) => {
    const dueAt = new Date(due).toISOString();
    const page = await pageAt(
      '/exceptions/ex-1',
      withStore({ exception: async () => ({ ...EXCEPTION, dueAt }) }),
    );
    expect(wordsOf(page).includes('overdue')).toBe(overdue);
  });

  test('a rollback that waits: the plan, the gates, how to approve it', async () => {
    const page = await pageAt('/rollbacks/rb-1');
    expect(wordsOf(page)).toContain('awaited, expires 2026-11-24 05:02 in 2 h');
    expect(find(page, 'pre').map(textOf)).toEqual(['driftwarden rollback approve rb-1 --by WHO']);
    expect(rowsUnder(page, 'What the plan changes').map(cells)).toEqual([
      { What: 'traffic to credit_pd-6 (v6)', Before: '0 %', After: '100 %' },
      { What: 'traffic to credit_pd-7 (v7)', Before: '100 %', After: '0 %' },
      { What: 'alias champion of main.risk.credit_pd', Before: 'v7', After: 'v6' },
    ]);
    expect(rowsUnder(page, 'Gates when it was planned').map(cells)).toMatchObject([
      { Gate: 'mode', Answer: 'holds' },
      { Answer: 'lets pass' },
      { Answer: 'lets pass' },
    ]);
  });

  test('a rollback that is done: every state with its time, who approved it, the hold it left', async () => {
    const page = await pageAt('/rollbacks/rb-0');
    expect(find(page, 'ol', 'steps')[0]?.children).toHaveLength(OLD_ROLLBACK.history.length);
    expect(wordsOf(page)).toContain('C. Lindqvist (verified)');
    expect(find(page, 'pre').map(textOf)).toEqual([
      'driftwarden rollback release credit_pd --version 6 --by WHO --reason TEXT',
    ]);
  });

  test('a rollback that needs a human says that nothing more is done', async () => {
    const page = await pageAt(
      '/rollbacks/rb-1',
      withStore({ rollback: async () => ({ ...ROLLBACK, state: 'needs_human' }) }),
    );
    expect(wordsOf(page)).toContain('driftwarden has stopped and changes nothing more here');
  });

  test('a rollback of a batch model moves the alias alone', async () => {
    const plan = {
      ...ROLLBACK.plan,
      endpoint: null,
      servingBefore: null,
      routesAfter: null,
      readiness: 'none' as const,
    };
    const page = await pageAt(
      '/rollbacks/rb-1',
      withStore({ rollback: async () => ({ ...ROLLBACK, endpoint: null, plan }) }),
    );
    expect(rowsUnder(page, 'What the plan changes')).toHaveLength(1);
  });
});
