const UNITS = [
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A whole number and one unit: `30s`, `5m`, `1h`, `1d`, `4w`. Six digits keep every sum within exact integers. */
export const DURATION_PATTERN = /^\d{1,6}[smhdw]$/;

/** Milliseconds of `30s`, `5m`, `1h`, `1d`, `4w`, or null when the text is no duration. A day is 24 hours, a week seven days. */
export function parseDuration(text: string): number | null {
  if (!DURATION_PATTERN.test(text)) return null;
  const unit = UNITS.find(([name]) => name === text.at(-1));
  return unit === undefined ? null : Number(text.slice(0, -1)) * unit[1];
}

/**
 * The shortest text that {@link parseDuration} reads back: the largest unit that divides the duration. Less than whole
 * seconds (which no configuration can ask for) come out as milliseconds, `1500ms`.
 */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const unit = UNITS.find(([, size]) => milliseconds % size === 0);
  return unit === undefined ? `${milliseconds}ms` : `${milliseconds / unit[1]}${unit[0]}`;
}
