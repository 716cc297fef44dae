import { ACTION_FAMILIES } from './families-action.ts';
import { CHECK_FAMILIES } from './families-check.ts';
import { DAEMON_FAMILIES } from './families-daemon.ts';
import { MODEL_FAMILIES } from './families-model.ts';
import { type Family, PREFIX } from './family.ts';

/** Every metric family there is, by its name without the prefix, in the order in which it is exposed and documented. */
export const FAMILIES = {
  ...MODEL_FAMILIES,
  ...CHECK_FAMILIES,
  ...ACTION_FAMILIES,
  ...DAEMON_FAMILIES,
} as const;

export type FamilyName = keyof typeof FAMILIES;

/** The labels of a family with their values: a label that the family does not have, or one left out, does not compile. */
export type LabelsOf<Name extends FamilyName> = {
  readonly [Label in (typeof FAMILIES)[Name]['labels'][number]]: string;
};

export type CounterName = {
  [Name in FamilyName]: (typeof FAMILIES)[Name]['type'] extends 'counter' ? Name : never;
}[FamilyName];

export const FAMILY_NAMES = Object.keys(FAMILIES) as readonly FamilyName[];

export function family(name: FamilyName): Family {
  return FAMILIES[name];
}

/** The name as a scrape shows it. */
export function fullName(name: FamilyName): string {
  return PREFIX + name;
}
