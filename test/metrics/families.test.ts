import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAMILIES, FAMILY_NAMES, fullName } from '../../src/metrics/families.ts';
import type { Family } from '../../src/metrics/family.ts';
import { metricsReference } from '../../src/metrics/reference.ts';

const families = FAMILY_NAMES.map((name) => [name, FAMILIES[name] as Family] as const);

test('the catalogue is one list: no name stands in two of its files', () => {
  expect(families).toHaveLength(77);
  expect(new Set(families.map(([name]) => name)).size).toBe(77);
});

test.each(families)('%s keeps the naming rules of Prometheus', (name, family) => {
  expect(fullName(name)).toMatch(/^driftwarden_[a-z][a-z_]*[a-z]$/);
  expect(name.endsWith('_total')).toBe(family.type === 'counter');
  expect(name).not.toMatch(/_(count|sum|bucket)$/);
  expect(family.help).toMatch(/\.$/);
  for (const label of family.labels) {
    expect(label).toMatch(/^[a-z_]+$/);
    expect(['le', 'quantile', 'job', 'instance', 'owner', 'stage', 'service', 'env', 'type']).not.toContain(
      label,
    );
  }
  if (family.unit === 's') expect(name).toMatch(/_seconds(_total)?$/);
  if (family.unit === 'ratio') expect(name).toMatch(/_ratio$/);
  if (name.endsWith('_timestamp_seconds')) expect(family.type).toBe('gauge');
});

test('docs/metrics.md is what the catalogue says (UPDATE_DOCS=1 rewrites it)', () => {
  const path = new URL('../../docs/metrics.md', import.meta.url);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, metricsReference());
  expect(readFileSync(path, 'utf8')).toBe(metricsReference());
});
