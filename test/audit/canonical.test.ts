import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalHash, canonicalJson, sha256Hex } from '../../src/audit/canonical.ts';

describe('canonical JSON', () => {
  test('the example of RFC 8785, section 3.2.2', () => {
    const value: unknown = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    );
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('the key order of RFC 8785, section 3.2.3: by UTF-16 code units', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const value = Object.fromEntries(names.map((name) => [name, 0]));
    const order = Object.keys(JSON.parse(canonicalJson(value)) as object).filter((name) => name !== '1');
    expect(order).toEqual(['\r', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']);
    expect(canonicalJson({ b: 1, '10': 2, '9': 3 })).toBe('{"10":2,"9":3,"b":1}');
  });

  test.each([
    [-0, '0'],
    [1e21, '1e+21'],
    [999_999_999_999_999_900_000, '999999999999999900000'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [5e-324, '5e-324'],
    [0.1 + 0.2, '0.30000000000000004'],
  ])('the number %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test.each([
    ['NaN', { a: [0, Number.NaN] }, 'NaN at $.a[1]'],
    ['infinity', Number.NEGATIVE_INFINITY, '-Infinity at $'],
    ['undefined', { a: { b: undefined } }, 'undefined at $.a.b'],
    ['a hole', Object.assign([1], { 2: 1 }), 'undefined at $[1]'],
    ['a lone surrogate', ['\ud800'], 'a lone surrogate at $[0]'],
    ['a lone surrogate as key', { '\udc00x': 1 }, 'a lone surrogate at $.'],
    ['a date', { at: new Date(0) }, 'an object of class Date at $.at'],
    ['a map', new Map(), 'class Map'],
    ['a function', { f: () => 1 }, 'function at $.f'],
    ['a bigint', [1n], 'bigint at $[0]'],
  ])('has no word for %s', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
    expect(() => canonicalJson(value)).toThrow(message);
  });

  test('nesting: 64 levels are written, one more is refused', () => {
    const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    expect(canonicalJson(nested(64))).toHaveLength(128);
    expect(() => canonicalJson(nested(65))).toThrow('deeper than 64');
    expect(() => canonicalJson(nested(100_000))).toThrow('deeper than 64');
  });

  test('a key named __proto__ is a key', () => {
    const value: unknown = JSON.parse('{"a":1,"__proto__":{"b":2}}');
    expect(canonicalJson(value)).toBe('{"__proto__":{"b":2},"a":1}');
  });

  test('reads back as the same value, whatever the value, and is a fixed point', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 }), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test('does not depend on the order in which keys were set', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalHash(reversed)).toBe(canonicalHash(value));
      }),
    );
  });
});

test('SHA-256 is over UTF-8', () => {
  // Values of sha256sum.
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256Hex('é😀')).toBe('1184d1f608158eea09d297565575892231550c403aaa913008d867a97cfd5c76');
});
