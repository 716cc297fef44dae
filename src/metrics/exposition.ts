import { type FamilyName, family, fullName, type LabelsOf } from './families.ts';

/**
 * The two text formats a scrape may ask for. Model series are written here and not by prom-client, for three measured
 * reasons: it keys a series by its labels joined with commas, so that two features with commas in their names can become
 * one series; a registry that has rendered OpenMetrics drops `_total` from the names of its counters for good; and it
 * formats every series anew at each rendering, while after a commit only one model has changed.
 * Sources: Prometheus text format 0.0.4, OpenMetrics 1.0.0.
 */
export type Format = 'text' | 'openmetrics';

export const CONTENT_TYPES: { readonly [format in Format]: string } = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

export const OPENMETRICS_END = '# EOF\n';

/** The format the Accept header prefers; plain text for everybody who does not ask for OpenMetrics 1.0.0 by name. */
export function negotiate(accept: string | undefined): Format {
  const wanted = (accept ?? '').toLowerCase().split(',').map(parseRange);
  const openMetrics = wanted.find(
    (range) => range.type === 'application/openmetrics-text' && (range.version ?? '1.0.0') === '1.0.0',
  );
  if (openMetrics === undefined || openMetrics.quality === 0) return 'text';
  const text = Math.max(0, ...wanted.filter((range) => range.type === 'text/plain').map((r) => r.quality));
  return openMetrics.quality >= text ? 'openmetrics' : 'text';
}

function parseRange(range: string): { type: string; version: string | undefined; quality: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  const value = (name: string): string | undefined =>
    parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
  const quality = Number(value('q') ?? '1');
  return { type, version: value('version'), quality: Number.isFinite(quality) ? quality : 0 };
}

/** One sample line. Null when the number is not finite: an absent series says "not known", NaN would poison sums. */
export function sampleLine<Name extends FamilyName>(
  name: Name,
  labels: LabelsOf<Name>,
  value: number,
): string | null {
  if (!Number.isFinite(value)) return null;
  const values = labels as { readonly [label: string]: string };
  const pairs = family(name).labels.map((label) => `${label}="${escapeLabel(values[label] ?? '')}"`);
  return `${fullName(name)}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${String(value + 0)}\n`;
}

/** HELP and TYPE lines of a family. OpenMetrics names a counter without the `_total` that its samples carry. */
export function familyHeader(name: FamilyName, format: Format): string {
  const { type, help } = family(name);
  const shown =
    format === 'openmetrics' && type === 'counter' ? withoutTotal(fullName(name)) : fullName(name);
  return `# HELP ${shown} ${escapeHelp(help)}\n# TYPE ${shown} ${type}\n`;
}

/** Text format as OpenMetrics, without its last line. Only header lines differ for what is written here. */
export function toOpenMetrics(text: string): string {
  const counters = new Set([...text.matchAll(/^# TYPE (\S+_total) counter$/gm)].map((match) => match[1]));
  return text.replaceAll(/^# (HELP|TYPE) (\S+)/gm, (line, word: string, name: string) =>
    counters.has(name) ? `# ${word} ${withoutTotal(name)}` : line,
  );
}

/**
 * prom-client's text without what OpenMetrics refuses or nobody can use: empty lines between families, and samples
 * that it prints as `Nan` before they have a value.
 */
export function tidy(text: string): string {
  return text
    .split('\n')
    .filter((line) => line !== '' && (line.startsWith('#') || !/ nan$/i.test(line)))
    .map((line) => `${line}\n`)
    .join('');
}

function withoutTotal(name: string): string {
  return name.replace(/_total$/, '');
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
