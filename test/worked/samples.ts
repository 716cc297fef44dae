import { isClose } from './compare.ts';

/** Samples of a Prometheus text by name and labels; the order of labels says nothing. */
export function samplesOf(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const { series, value } = sampleOf(line);
    if (samples.has(series)) throw new Error(`${series} is there twice`);
    samples.set(series, value);
  }
  return samples;
}

/** What of the expected lines is not among the samples. */
export function missingSamples(
  lines: readonly string[],
  samples: ReadonlyMap<string, number>,
): readonly string[] {
  return lines.flatMap((line) => {
    const { series, value } = sampleOf(line);
    const actual = samples.get(series);
    if (actual === undefined) return [`${series} is not there`];
    return isClose(value, actual) ? [] : [`${series} should be ${value} and is ${actual}`];
  });
}

function sampleOf(line: string): { readonly series: string; readonly value: number } {
  const parts = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (parts === null) throw new Error(`no sample: ${line}`);
  const [, name = '', labels = '', value = ''] = parts;
  const pairs = labels.match(/\w+="(?:[^"\\]|\\.)*"/g) ?? [];
  return { series: `${name}{${pairs.sort().join(',')}}`, value: Number(value) };
}
