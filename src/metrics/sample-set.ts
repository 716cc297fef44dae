import { sampleLine } from './exposition.ts';
import type { FamilyName, LabelsOf } from './families.ts';

/** Sample lines by family, as they are collected. */
export interface SampleSet {
  /** A null value is not known or never happened: no sample. */
  add<Name extends FamilyName>(name: Name, labels: LabelsOf<Name>, value: number | null): void;
  readonly lines: ReadonlyMap<FamilyName, string>;
  size(): number;
}

export function createSampleSet(): SampleSet {
  const lines = new Map<FamilyName, string>();
  let size = 0;
  return {
    lines,
    size: () => size,
    add: (name, labels, value) => {
      const line = value === null ? null : sampleLine(name, labels, value);
      if (line === null) return;
      lines.set(name, (lines.get(name) ?? '') + line);
      size += 1;
    },
  };
}
