import { baselineRowsMissing, setAround } from './cells.ts';
import { openingOf, progressOf } from './decision.ts';
import { logSum } from './detector.ts';
import { alarm, logThreshold, logWeights } from './family.ts';
import type { Libraries, Library } from './libraries.ts';
import { poorBaselineReason } from './reasons.ts';
import { decided, type Replayed, replay, settle } from './replay.ts';
import { type EvidenceVerdict, judgeEvidence } from './rule-evidence.ts';
import type { SetKind } from './set.ts';
import { type SeveralVerdict, severalVerdict } from './several.ts';
import { total } from './shares.ts';
import { restoreState, type TestState, type WindowEvent } from './state.ts';
import { logTotal } from './step.ts';

/** One test of a family: a column, a rate or a loss of one version and segment, by one method. */
export interface TestQuestion {
  /** Names the test's state from window to window. */
  readonly key: string;
  /** Policy check; the checks of a family share its weight evenly. */
  readonly check: string;
  readonly subject: string;
  readonly kind: SetKind;
  /** As people write the method in a sentence, e.g. `PSI`. */
  readonly title: string;
  /** Frozen cells: names, how many of the first have an order, and the counts of the baseline. */
  readonly labels: readonly string[];
  readonly ordered: number;
  readonly baseline: readonly number[];
  /** One per cell for `mean_loss`, else null. */
  readonly losses: readonly number[] | null;
  /** Counts of this window in the same cells; null when it is missing for this test. */
  readonly counts: readonly number[] | null;
  readonly limits: { readonly warn: number; readonly breach: number };
  /** The statistic of this window as measured and shown; null when it could not be. */
  readonly value: number | null;
  /** As the store gave it back; null before the first window. */
  readonly state: unknown;
  /** A person has closed the case: the test starts anew. */
  readonly released: boolean;
}

/** All tests of one family and one window. */
export interface FamilyQuestion {
  /** End of the window, milliseconds; a window that was judged before is judged anew with its new counts. */
  readonly windowEnd: number;
  /** Windows that end at or before this are final. */
  readonly finalTo: number;
  readonly windowsPerYear: number;
  /** The family's own share of the budget. */
  readonly falseAlarmsPerYear: number;
  readonly minRows: number;
  /** Whether counts are votes, one per customer; absent: they are rows. */
  readonly clustered?: boolean;
  readonly libraries: Libraries;
  readonly tests: readonly TestQuestion[];
}

export interface TestJudgement extends EvidenceVerdict {
  readonly key: string;
  /** Whether the rows of this window raised an alarm, when it was new or now. */
  readonly alarmed: boolean;
}

export interface FamilyAnswer {
  readonly tests: readonly TestJudgement[];
  readonly several: SeveralVerdict | null;
  /** To be stored, and given back with the next window. */
  readonly states: readonly { readonly key: string; readonly state: TestState }[];
}

interface Entered {
  readonly question: TestQuestion;
  readonly library: Library;
  readonly logWeight: number;
  readonly replayed: Replayed;
}

/**
 * Rule `evidence` for one family and one window: every detector steps, the family raises what alarms its budget allows, open cases go on, and
 * each test gets its verdict. Pure: everything remembered comes in with the question and goes out with the answer.
 */
export function judgeFamily(question: FamilyQuestion): FamilyAnswer {
  const logNeeded = logThreshold(question.windowsPerYear, question.falseAlarmsPerYear);
  const weights = logWeights(question.tests);
  const entered = question.tests.map((test) => enter(question, test, weights.get(test.key) ?? 0));
  const events = eventsOf(entered, logNeeded);
  const settled = entered.map((test) => {
    const event = events.get(test.question.key);
    if (event === undefined) return { ...test, event: null };
    return { ...test, event, replayed: decided(test.library, test.replayed.state, event) };
  });
  return {
    tests: settled.map((test) => judgeTest(question, test, logNeeded)),
    several: severalVerdict(settled.flatMap(member)),
    states: settled.map(({ question: { key }, replayed }) => ({ key, state: replayed.state })),
  };
}

function enter(family: FamilyQuestion, test: TestQuestion, logWeight: number): Entered {
  const { warn: limit } = test.limits;
  const set = setAround(test.kind, test.baseline, { limit, losses: test.losses });
  const library = family.libraries({ set, ordered: test.ordered });
  const state = restoreState(test.state, library.identity, library.logShares.length);
  const window = { end: family.windowEnd, counts: test.counts, logWeight };
  const usable = baselineRowsMissing(set, test.baseline) === null;
  const replayed = replay(library, state, usable ? window : { ...window, counts: null });
  return { question: test, library, logWeight, replayed: keptOf(replayed, family) };
}

/** The state with its final windows folded away, and of the steps those that verdicts are read from: with a thousand tests the others are a burden. */
function keptOf(replayed: Replayed, { windowEnd, finalTo }: FamilyQuestion): Replayed {
  const newest = replayed.steps.at(-1);
  const steps = replayed.steps.filter((step) => step === newest || step.record.end === windowEnd);
  return { state: settle(replayed, finalTo), detector: replayed.detector, steps };
}

/** Alarms of tests without a case, progress of tests with one. */
function eventsOf(entered: readonly Entered[], logNeeded: number): ReadonlyMap<string, WindowEvent> {
  const totals = new Map(
    entered
      .filter(({ replayed }) => replayed.detector.open === null)
      .map(({ question, replayed }) => [question.key, logTotal(replayed.detector)]),
  );
  const { named, together } = alarm(totals, logNeeded);
  const company =
    together.length === 0
      ? null
      : { members: together, evidence: logSum([...totals.values()]), needed: logNeeded };
  const events = new Map<string, WindowEvent>();
  for (const test of entered) {
    const { key, released, limits } = test.question;
    const newest = test.replayed.state.records.at(-1);
    if (newest === undefined) continue;
    const standing = { ...test, detector: test.replayed.detector, newest, breach: limits.breach };
    const opens = named.includes(key) || together.includes(key);
    const event = opens
      ? openingOf(standing, { logNeeded, logWeight: test.logWeight, together: company })
      : progressOf(standing, released);
    if (event !== null) events.set(key, event);
  }
  return events;
}

type Settled = Entered & { readonly event: WindowEvent | null };

function judgeTest(family: FamilyQuestion, test: Settled, logNeeded: number): TestJudgement {
  const { question, library, logWeight } = test;
  const { key, title, subject, labels, value, limits, counts, baseline } = question;
  const { set } = library;
  const { detector, newest, alarmed } = standingAfter(family.windowEnd, test);
  const told = {
    ...{ title, subject, labels, set, breach: limits.breach, value },
    rows: total(counts ?? []),
    clustered: family.clustered ?? false,
  };
  const { minRows } = family;
  const verdict = judgeEvidence({ ...told, library, minRows, detector, newest, logWeight, logNeeded });
  const needed = baselineRowsMissing(set, baseline);
  if (needed === null || detector.open !== null) return { ...verdict, key, alarmed };
  const reason = poorBaselineReason(told, { rows: total(baseline), needed });
  return { ...verdict, key, alarmed, verdict: 'insufficient', reason, evidence: null, estimate: null };
}

/** A test as it stands after the window in question, or, where that window's rows decided something only now, after the newest one. */
function standingAfter(windowEnd: number, { replayed, event }: Settled) {
  const own = replayed.steps.find(({ record }) => record.end === windowEnd);
  const shown = event === null && own !== undefined ? own : replayed.steps.at(-1);
  return {
    detector: shown?.detector ?? replayed.detector,
    newest: shown?.record ?? null,
    alarmed: (event ?? own?.record.event)?.kind === 'alarm',
  };
}

function member({ question, logWeight, replayed }: Entered): Parameters<typeof severalVerdict>[0] {
  const { open } = replayed.detector;
  if (open === null || open.together === null) return [];
  const name = `${question.title} of ${question.subject}`;
  return [{ key: question.key, name, logWeight, open: { ...open, together: open.together } }];
}
