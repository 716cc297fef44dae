import { reasonsOf } from './request-checks.ts';
import type { EvaluatedPayload } from './verdict.ts';
import { wholeNumber } from './words.ts';

/** What became of the logged requests of a window, in sentences. */
export function requestsTold(payload: EvaluatedPayload): readonly string[] {
  const { requests, accepted, rejected, records, answered, wrongType, unmapped } = payload;
  const others = reasonsOf(rejected);
  const counted = `${wholeNumber(requests)} requests logged: ${wholeNumber(accepted)} counted with ${wholeNumber(records)} records${others === '' ? '' : `, ${others}`}.`;
  return [
    counted,
    ...(answered === records
      ? []
      : [`By their sampling fractions the records stand for ${wholeNumber(answered)}.`]),
    ...(wrongType === 0
      ? []
      : [`${wholeNumber(wrongType)} records have a value that is not of its type; it counts as missing.`]),
    ...unmapped
      .slice(0, MOST_ENTITIES)
      .map(
        ({ entity, rows }) =>
          `${wholeNumber(rows)} rows were answered by served entity ${entity}, whose version nobody knows any more: they count for all versions together and for none of its own.`,
      ),
    ...(unmapped.length > MOST_ENTITIES
      ? [`So were those of ${unmapped.length - MOST_ENTITIES} more entities.`]
      : []),
  ];
}

const MOST_ENTITIES = 10;
