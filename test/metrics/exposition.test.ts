import { assert, constantFrom, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { familyHeader, negotiate, sampleLine, tidy, toOpenMetrics } from '../../src/metrics/exposition.ts';

describe('sample lines', () => {
  test('labels stand in the order of the catalogue, whatever the order they are given in', () => {
    expect(
      sampleLine('check_unknown', { reason: 'stale', check_kind: 'data', check: 'data', model: 'm' }, 1),
    ).toBe('driftwarden_check_unknown{model="m",check="data",check_kind="data",reason="stale"} 1\n');
  });

  test('a family without labels has no braces', () => {
    expect(sampleLine('series', {}, 12)).toBe('driftwarden_series 12\n');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%s is no sample', (value) => {
    expect(sampleLine('series', {}, value)).toBeNull();
  });

  test('a negative zero is zero', () => {
    expect(sampleLine('series', {}, -0)).toBe('driftwarden_series 0\n');
  });

  test.each([
    ['a "quote"', 'a \\"quote\\"'],
    ['a \\ backslash', 'a \\\\ backslash'],
    ['a \n line', 'a \\n line'],
    ['a \\n that is no line', 'a \\\\n that is no line'],
  ])('the label value %j is written %s', (value, written) => {
    expect(sampleLine('owner_resolved', { model: value }, 1)).toBe(
      `driftwarden_owner_resolved{model="${written}"} 1\n`,
    );
  });

  test('two pairs of label values are one series only if they are the same pair, commas and quotes or not', () => {
    const value = string({ unit: constantFrom('a', ',', '"', '\\', '\n', ':', '=', '{', '}') });
    assert(
      property(tuple(value, value), tuple(value, value), ([a, b], [c, d]) => {
        const first = sampleLine('windows_skipped_total', { model: a, reason: b }, 1);
        const second = sampleLine('windows_skipped_total', { model: c, reason: d }, 1);
        expect(first === second).toBe(a === c && b === d);
        expect(first?.split('\n')).toHaveLength(2);
      }),
    );
  });
});

test('OpenMetrics names a counter without the ending that its samples keep', () => {
  expect(familyHeader('rollbacks_total', 'text')).toContain('# TYPE driftwarden_rollbacks_total counter\n');
  expect(familyHeader('rollbacks_total', 'openmetrics')).toContain('# TYPE driftwarden_rollbacks counter\n');
  expect(familyHeader('series', 'openmetrics')).toBe(familyHeader('series', 'text'));
});

test('text becomes OpenMetrics by its counter headers alone', () => {
  const text =
    '# HELP x_total Things of x_total.\n# TYPE x_total counter\nx_total 3\n' +
    '# HELP y_total A gauge with a bad name.\n# TYPE y_total gauge\ny_total 3\n';
  expect(toOpenMetrics(text)).toBe(
    '# HELP x Things of x_total.\n# TYPE x counter\nx_total 3\n' +
      '# HELP y_total A gauge with a bad name.\n# TYPE y_total gauge\ny_total 3\n',
  );
});

test('empty lines and samples that are not a number are left out, and nothing else', () => {
  expect(tidy('# HELP a nan\na{b="nan 1"} 1\n\nc Nan\nd{e="f g"} NaN\n\nh 2')).toBe(
    '# HELP a nan\na{b="nan 1"} 1\nh 2\n',
  );
});

describe('what a scrape asks for', () => {
  test.each([
    ['nothing', undefined, 'text'],
    ['anything', '*/*', 'text'],
    ['a browser', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    [
      'Prometheus 2',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics',
    ],
    [
      'Prometheus 3',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1',
      'openmetrics',
    ],
    ['text before OpenMetrics', 'text/plain;q=0.9, application/openmetrics-text;version=1.0.0;q=0.5', 'text'],
    ['an old OpenMetrics only', 'application/openmetrics-text;version=0.0.1', 'text'],
    ['OpenMetrics never', 'application/openmetrics-text;version=1.0.0;q=0', 'text'],
    ['a broken quality', 'application/openmetrics-text;version=1.0.0;q=high', 'text'],
  ])('%s', (_, accept, format) => {
    expect(negotiate(accept)).toBe(format);
  });
});
