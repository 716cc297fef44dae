/** A date, or a date and time with an offset: ISO 8601 as people write it. Without an offset a time would be ambiguous. */
export const TIME_PATTERN =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Milliseconds since 1970-01-01T00:00Z of `2026-01-31`, `2026-01-31T08:00Z` or `2026-01-31T08:00:00.123+01:00`, or null.
 * A date alone is its midnight in UTC. Days and hours that do not exist (30 February, 24:00) are refused, not rolled over.
 */
export function parseTime(text: string): number | null {
  const match = TIME_PATTERN.exec(text);
  if (match === null) return null;
  const [, date, minute = '00:00', second = '00', fraction = '', zone = 'Z'] = match;
  const wall = `${date}T${minute}:${second}.${fraction.padEnd(3, '0')}Z`;
  const milliseconds = Date.parse(wall);
  const offset = parseOffset(zone);
  // A date that does not exist is no number, or comes back as another one.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== wall) return null;
  return offset === null ? null : milliseconds - offset;
}

/** Milliseconds east of UTC; offsets reach from -12:00 to +14:00. */
function parseOffset(zone: string): number | null {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
