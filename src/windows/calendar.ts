import type { Window, WindowLength } from './window.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
/** Monday 1970-01-05T00:00Z, from which weeks are counted. */
const FIRST_MONDAY = 4 * DAY;
const YEAR = 365.25 * DAY;

/** The window that contains the instant: `start <= instant < end`. */
export function windowAt(length: WindowLength, instant: number): Window {
  if (length.kind === 'calendar') return calendarWindow(monthsOf(length.unit), instant);
  const origin = originOf(length.milliseconds);
  const start = origin + Math.floor((instant - origin) / length.milliseconds) * length.milliseconds;
  return { start, end: start + length.milliseconds };
}

/** The window that begins where this one ends. */
export function nextWindow(length: WindowLength, window: Window): Window {
  return windowAt(length, window.end);
}

/** The window that ends where this one begins. */
export function previousWindow(length: WindowLength, window: Window): Window {
  return windowAt(length, window.start - 1);
}

/** How many windows a year has: 365.25 days over the length, or 12, or 4. */
export function windowsPerYear(length: WindowLength): number {
  if (length.kind === 'calendar') return 12 / monthsOf(length.unit);
  return YEAR / length.milliseconds;
}

/** Windows count from 1970-01-01T00:00Z, whole weeks from Monday 1970-01-05. */
function originOf(milliseconds: number): number {
  return milliseconds % WEEK === 0 ? FIRST_MONDAY : 0;
}

function monthsOf(unit: 'month' | 'quarter'): number {
  return unit === 'month' ? 1 : 3;
}

function calendarWindow(months: number, instant: number): Window {
  const date = new Date(instant);
  const first = Math.floor(date.getUTCMonth() / months) * months;
  const year = date.getUTCFullYear();
  return { start: Date.UTC(year, first, 1), end: Date.UTC(year, first + months, 1) };
}
