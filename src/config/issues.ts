import type { z } from 'zod';
import { adviceForKey, nearest } from './known-keys.ts';
import { isTree, valueAt } from './names.ts';
import type { Path } from './problems.ts';
import type { Complaint } from './source-file.ts';

type Issue = z.core.$ZodIssue;
const SEE = 'see docs/configuration.md';

type Words = { readonly message: string; readonly remedy: string };

/** What zod found, in the words of a configuration. Values are not repeated: one of them may be a secret in the wrong place. */
export function complaintsOf(issue: Issue, data: unknown): readonly Complaint[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const { remedy, meant } = adviceForKey(key, path, data);
      const complaint = { path: [...path, key], message: 'is not a known key', remedy, atKey: true };
      return meant === null ? complaint : { ...complaint, meant: [...path, meant] };
    });
  }
  const value = valueAt(data, path);
  if (issue.code === 'invalid_key') {
    const words = issue.issues[0] === undefined ? null : ownWords(issue.issues[0].message);
    return [{ path, ...(words ?? { message: 'is not a possible name', remedy: 'rename it' }), atKey: true }];
  }
  if (value === undefined) return [{ path, ...missing(issue), atKey: true }];
  if (value === null) return [{ path, message: 'has no value', remedy: 'give it one, or remove the key' }];
  return [{ path, ...(ownWords(issue.message) ?? builtIn(issue, value)) }];
}

/** Message and remedy that a schema brought along, see `says`. */
function ownWords(text: string): Words | null {
  const [message, remedy] = text.split('\n');
  return message === undefined || remedy === undefined ? null : { message, remedy };
}

function missing(issue: Issue): Words {
  return {
    message: 'is missing',
    remedy: ownWords(issue.message)?.remedy ?? `add ${String(issue.path.at(-1))}`,
  };
}

function builtIn(issue: Issue, value: unknown): Words {
  if (issue.code === 'invalid_type') return wrongType(issue.expected, value);
  if (issue.code === 'invalid_value') return wrongChoice(issue.values.map(String), value);
  if (issue.code === 'invalid_union') return wrongKind(issue, value);
  if (issue.code === 'too_small') return tooSmall(issue);
  if (issue.code !== 'too_big') return { message: 'does not have the right form', remedy: SEE };
  const bound = issue.inclusive === false ? 'less than' : 'at most';
  return { message: `must be ${bound} ${issue.maximum}`, remedy: 'write a smaller one' };
}

function tooSmall(issue: Extract<Issue, { code: 'too_small' }>): Words {
  if (issue.origin === 'array')
    return { message: 'is an empty list', remedy: 'name at least one, or remove the key' };
  if (issue.origin === 'string')
    return { message: 'is empty text', remedy: 'give it a value, or remove the key' };
  const bound = issue.inclusive === false ? 'more than' : 'at least';
  return { message: `must be ${bound} ${issue.minimum}`, remedy: 'write a larger one' };
}

const EXPECTED: { readonly [type: string]: string } = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function wrongType(expected: string, value: unknown): Words {
  const wanted = EXPECTED[expected] ?? expected;
  const remedies: { readonly [type: string]: string } = {
    'a list': 'write [ one, other ], or one per line with a dash',
    'a map': 'write keys and values below it, or { key: value }',
    text: 'put the value in quotes',
  };
  return {
    message: `must be ${wanted}, found ${expected === 'int' && typeof value === 'number' ? 'a fraction' : typeName(value)}`,
    remedy: remedies[wanted] ?? `write ${wanted}, without quotes`,
  };
}

function wrongChoice(values: readonly string[], value: unknown): Words {
  const message = `must be ${values.length === 1 ? '' : 'one of '}${values.join(', ')}`;
  const near = typeof value === 'string' ? nearest(value, values) : null;
  return { message, remedy: near === null ? 'choose one of them' : `did you mean ${near}?` };
}

/** A union is told apart by `kind`; zod names the kinds, among them "none" where a kind is the default. */
function wrongKind(issue: Issue, value: unknown): Words {
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
  const kinds = options.filter((option) => option !== null && option !== undefined).map(String);
  return kinds.length > 0 ? wrongChoice(kinds, value) : builtInUnion(value);
}

function builtInUnion(value: unknown): Words {
  return { message: `cannot be ${typeName(value)}`, remedy: SEE };
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isTree(value)) return 'a map';
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : 'a number that is not finite';
  return typeof value === 'boolean' ? 'true or false' : 'text';
}
