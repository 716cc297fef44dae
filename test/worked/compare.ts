/**
 * What of `actual` is not as `expected` says, one line each. More fields than expected are welcome, everywhere.
 *
 * Numbers agree to 1e-10. Sentences are the program's own: of those only the numbers are asked for, to three digits.
 * Labels of intervals agree when their numbers do. Lists have the same length and order, but for those of {@link KEYED}.
 */
export function differences(expected: unknown, actual: unknown, at = ''): readonly string[] {
  if (typeof expected === 'number') return numberDiffers(expected, actual, at);
  if (typeof expected === 'string') return textDiffers(expected, actual, at);
  if (Array.isArray(expected)) return listDiffers(expected, actual, at);
  if (typeof expected !== 'object' || expected === null)
    return expected === actual ? [] : [differs(expected, actual, at)];
  if (!isFields(actual)) return [differs(expected, actual, at)];
  return Object.entries(expected).flatMap(([key, value]) =>
    Object.hasOwn(actual, key)
      ? differences(value, actual[key], `${at}.${key}`)
      : [`${at}.${key} is not there`],
  );
}

export type Fields = { readonly [key: string]: unknown };

/** Fields that hold sentences. */
const SENTENCES = ['reason', 'why', 'text', 'title'];

/** Lists whose members have a key: members that are not expected are looked at elsewhere. */
const KEYED: { readonly [list: string]: (member: Fields) => string } = {
  checks: checkKey,
  policy: ({ check, version }) => `${String(check)} ${String(version)}`,
  gates: ({ gate }) => String(gate),
  columns: ({ name }) => String(name),
};

export function checkKey({ check, subject, method, version }: Fields): string {
  return [check, subject, method, version].map(String).join(' ');
}

/** How far two numbers that were computed in different ways may be apart, relative to the larger one or to 1. */
const CLOSE = 1e-10;

export function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= CLOSE * Math.max(1, Math.abs(a), Math.abs(b));
}

/** Numbers that stand for themselves in a sentence, `4 812` as one; not the digits of identifiers. */
export function numbersIn(sentence: string): readonly number[] {
  const found = sentence.match(/(?<![\w.-])(?:\d{1,3}(?: \d{3})+|\d+)(?:\.\d+)?(?![\w-]|\.\d)/g) ?? [];
  return found.map((text) => Number(text.replaceAll(' ', '')));
}

function numberDiffers(expected: number, actual: unknown, at: string): readonly string[] {
  return typeof actual === 'number' && isClose(expected, actual) ? [] : [differs(expected, actual, at)];
}

function textDiffers(expected: string, actual: unknown, at: string): readonly string[] {
  if (expected === actual) return [];
  if (typeof actual !== 'string') return [differs(expected, actual, at)];
  const isSentence = SENTENCES.some((field) => at.endsWith(`.${field}`));
  const agrees = isSentence ? saysTheSame(expected, actual) : sameLabel(expected, actual);
  return agrees ? [] : [differs(expected, actual, at)];
}

function saysTheSame(expected: string, actual: string): boolean {
  const said = numbersIn(actual);
  const same = (a: number, b: number): boolean => Math.abs(a - b) <= 0.005 * Math.abs(a);
  return actual !== '' && numbersIn(expected).every((number) => said.some((other) => same(number, other)));
}

/** `(0.1, 0.25]` and `(0.1, 0.25000000000000006]` are one interval. */
function sameLabel(expected: string, actual: string): boolean {
  const number = /-?\d+(?:\.\d+)?(?:e[+-]\d+)?/g;
  if (!/^\(.*[\])]$/.test(expected) || expected.replace(number, '#') !== actual.replace(number, '#'))
    return false;
  const [a, b] = [expected.match(number) ?? [], actual.match(number) ?? []];
  return a.length === b.length && a.every((text, index) => isClose(Number(text), Number(b[index])));
}

function listDiffers(expected: readonly unknown[], actual: unknown, at: string): readonly string[] {
  if (!Array.isArray(actual)) return [differs(expected, actual, at)];
  const key = KEYED[at.slice(at.lastIndexOf('.') + 1)];
  if (key !== undefined) return keyedDiffers(expected, actual.filter(isFields), { key, at });
  if (expected.length !== actual.length) return [differs(expected, actual, at)];
  return expected.flatMap((value, index) => differences(value, actual[index], `${at}[${index}]`));
}

function keyedDiffers(
  expected: readonly unknown[],
  actual: readonly Fields[],
  by: { readonly key: (member: Fields) => string; readonly at: string },
): readonly string[] {
  return expected.filter(isFields).flatMap((wanted) => {
    const place = `${by.at}[${by.key(wanted)}]`;
    const found = actual.filter((member) => by.key(member) === by.key(wanted));
    return found.length === 1
      ? differences(wanted, found[0], place)
      : [`${place} is there ${found.length} times`];
  });
}

/**
 * What of a list of expected things does not come in this order in the actual one; others may stand between. `like` says which
 * actual one is meant by an expected one, and what is different about it is told.
 */
export function missingInOrder(
  expected: readonly Fields[],
  actual: readonly Fields[],
  like: (one: Fields) => string,
): readonly string[] {
  let next = 0;
  return expected.flatMap((wanted) => {
    const place = actual.findIndex((one, index) => index >= next && like(one) === like(wanted));
    if (place === -1) return [`${like(wanted)} does not come after ${next} others`];
    next = place + 1;
    return differences(wanted, actual[place], like(wanted));
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function differs(expected: unknown, actual: unknown, at: string): string {
  return `${at} should be ${JSON.stringify(expected)} and is ${JSON.stringify(actual)}`;
}
