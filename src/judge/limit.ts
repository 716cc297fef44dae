import type { Measured } from '../statistics/measurement.ts';
import type { Verdict } from './verdict.ts';
import { shortNumber, wholeNumber } from './words.ts';

/** The policy's two limits for one method of one subject. */
export interface Limits {
  readonly warn: number;
  readonly breach: number;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

/**
 * Rule `limit`: the value over the limit in this window, and nothing else. It is what a policy prescribes that was
 * written for fixed limits; at few rows it alarms on noise, which is why the noise floor stands in the reason.
 */
export function judgeLimit(
  subject: { readonly title: string; readonly name: string },
  measured: Measured,
  limits: Limits,
): Judgement {
  const { value, rows, noiseFloor } = measured;
  const found = `${subject.title} of ${subject.name} is ${shortNumber(value)} on ${wholeNumber(rows)} rows`;
  const noise =
    noiseFloor >= limits.warn ? ` At this many rows noise alone reaches ${shortNumber(noiseFloor)}.` : '';
  if (value > limits.breach)
    return {
      verdict: 'breach',
      reason: `${found}, over the breach limit ${shortNumber(limits.breach)}.${noise}`,
    };
  if (value > limits.warn) {
    return {
      verdict: 'warn',
      reason: `${found}, over the warn limit ${shortNumber(limits.warn)}, not over the breach limit ${shortNumber(limits.breach)}.${noise}`,
    };
  }
  return { verdict: 'ok', reason: `${found}, within the warn limit ${shortNumber(limits.warn)}.` };
}
