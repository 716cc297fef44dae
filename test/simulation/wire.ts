import { RemoteError, type RemoteReason } from '../../src/remote/error.ts';
import type { Life, Moment } from './life.ts';
import type { Random } from './random.ts';
import { CALM, LARGEST_LAG, type Network, SECOND } from './scenario.ts';
import type { Timeline } from './timeline.ts';

const CALL_TIMEOUT = 30 * SECOND;

export interface Call<T> {
  readonly what: string;
  readonly to: 'workspace' | 'desk';
  readonly write: boolean;
  readonly counted: boolean;
  /** When the request leaves. */
  readonly sent?: () => void;
  /** What the server does with it; throws RemoteError. */
  readonly serve: (lag: number) => T;
  /** When the answer is handed to the program. */
  readonly received?: (answer: T) => void;
  /** The same, or why there is none. */
  readonly ended?: (reason: RemoteReason | null) => void;
}

/** The network between one life and the servers, with its faults. */
export interface Wire {
  call<T>(life: Life, call: Call<T>): Promise<T>;
  /** No answer from the workspace, none to the actor's credentials, or none from the desk, for so long. */
  outage(kind: Outage, milliseconds: number): void;
  /** Faults so far, by kind. */
  readonly faults: { readonly [fault: string]: number };
}

export type Outage = 'blind' | 'forbidden' | 'desk down';

export interface WireOptions {
  readonly network: Network;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly interrupt: (moment: Moment) => void;
  readonly say: (text: () => string) => void;
}

/** What the server makes of a call. */
type Result<T> = { readonly answer: T } | { readonly error: Error };

type Kind = Pick<Call<unknown>, 'to' | 'write'>;

/** What becomes of a call. `served`: whether and when (milliseconds from now); `fails`: what the caller learns instead of the answer. */
interface Fate {
  readonly served: number | null;
  readonly answeredIn: number;
  readonly fails: { readonly reason: RemoteReason; readonly retryAfter?: number } | null;
}

export function createWire(options: WireOptions): Wire {
  const { network, timeline, random, interrupt, say } = options;
  const outages: { [kind in Outage]: number } = { blind: 0, forbidden: 0, 'desk down': 0 };
  const faults: { [fault: string]: number } = {};
  const latency = (): number => random.whole(network.latency[0], network.latency[1]);

  function count(fault: string): void {
    faults[fault] = (faults[fault] ?? 0) + 1;
  }

  function fate(call: Kind): Fate {
    const there = latency();
    const back = there + latency();
    const ok = { served: there, answeredIn: back, fails: null };
    const now = timeline.now();
    if (now >= CALM) return ok;
    const refused = outageOf(call, now);
    if (refused !== null)
      return { served: null, answeredIn: refused === 'network' ? there : back, fails: { reason: refused } };
    const rest = random.next();
    const share = shares(call.write);
    if (rest < share.lostRequest) {
      count('lost request');
      return { served: null, ...noAnswer(there) };
    }
    if (rest < share.lostResponse) {
      count('lost response');
      const late = random.chance(0.3) ? random.whole(0, network.latestArrival) : there;
      return { served: late, ...noAnswer(there) };
    }
    if (rest < share.limited) {
      count('429');
      const retryAfter = random.pick([null, SECOND, 20 * SECOND, 90 * SECOND]);
      return {
        served: null,
        answeredIn: back,
        fails: { reason: 'rate_limited', ...(retryAfter === null ? {} : { retryAfter }) },
      };
    }
    if (rest < share.unavailable) {
      count('5xx');
      const half = call.write && random.chance(0.5);
      return {
        served: half ? there : null,
        answeredIn: back,
        fails: { reason: random.pick(['unavailable', 'bad_answer']) },
      };
    }
    return ok;
  }

  function shares(write: boolean) {
    // Reads are far more: with equal shares hardly a rollback would come to its writes.
    const factor = write ? 2 : 0.5;
    const lostRequest = network.lostRequest * factor;
    const lostResponse = lostRequest + network.lostResponse * factor;
    const limited = lostResponse + network.limited * factor;
    return { lostRequest, lostResponse, limited, unavailable: limited + network.unavailable * factor };
  }

  /** The connection breaks at once, or nothing is heard until the deadline of the call. */
  function noAnswer(there: number): Pick<Fate, 'answeredIn' | 'fails'> {
    return random.chance(0.5)
      ? { answeredIn: there, fails: { reason: 'network' } }
      : { answeredIn: CALL_TIMEOUT, fails: { reason: 'timeout' } };
  }

  function outageOf(call: Kind, now: number): RemoteReason | null {
    if (call.to === 'desk') return now < outages['desk down'] ? 'unavailable' : null;
    if (now < outages.blind) return 'network';
    return call.write && now < outages.forbidden ? 'forbidden' : null;
  }

  function lagOf(call: Kind): number {
    if (call.write || timeline.now() >= CALM || !random.chance(network.stale)) return 0;
    count('stale read');
    return random.whole(1, LARGEST_LAG);
  }

  async function call<T>(life: Life, asked: Call<T>): Promise<T> {
    const { what, counted } = asked;
    await life.pass({ what, counted, phase: 'leaves' });
    asked.sent?.();
    interrupt({ life, what, counted, phase: 'sent' });
    const { served, answeredIn, fails } = fate(asked);
    let outcome: Result<T> = {
      error: failure(what, fails?.reason ?? 'network', fails?.retryAfter ?? null),
    };
    if (served !== null) {
      timeline.after(served, () => {
        interrupt({ life, what, counted, phase: 'arrives' });
        const result = attempt(() => asked.serve(lagOf(asked)));
        if (fails === null) outcome = result;
        if (asked.write && counted)
          say(() => `${what}: carried out${'error' in result ? `, no: ${result.error.message}` : ''}`);
        interrupt({ life, what, counted, phase: 'served' });
      });
    }
    return new Promise<T>((resolve, reject) => {
      life.deliver(answeredIn, { what, counted, phase: 'answered' }, () => {
        const learnt = outcome;
        const error = 'error' in learnt ? learnt.error : null;
        if (asked.write && counted)
          say(() => `${what}: life ${life.number} learns: ${error === null ? 'accepted' : error.message}`);
        asked.ended?.(error instanceof RemoteError ? error.reason : null);
        if ('answer' in learnt) asked.received?.(learnt.answer);
        if ('answer' in learnt) resolve(learnt.answer);
        else reject(learnt.error);
      });
    });
  }

  return {
    call,
    faults,
    outage(kind, milliseconds) {
      outages[kind] = Math.max(outages[kind], timeline.now() + milliseconds);
    },
  };
}

function attempt<T>(serve: () => T): Result<T> {
  try {
    return { answer: serve() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

export function failure(place: string, reason: RemoteReason, retryAfter: number | null = null): RemoteError {
  const code = reason === 'not_found' ? 'RESOURCE_DOES_NOT_EXIST' : null;
  return new RemoteError({ reason, place, message: `simulated ${reason}`, remedy: 'wait', retryAfter, code });
}
