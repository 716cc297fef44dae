import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { retryAfter, whatWasSaid } from '../../src/remote/failure.ts';

/** Letters that make trouble in messages: breaks of every kind, controls, pairs, quotes, marks of URLs and of HTML. */
const letters = fc.constantFrom(...'ab _.:/?#"\'<\n\r\t\u0000\u0007\u0085\u2028\u2029ß'.split(''), '🙂');

const secrets = fc.stringMatching(/^[A-Za-z0-9._/+-]{8,40}$/);

it('a quote never holds the secret, wherever it stands and however long the text', () => {
  fc.assert(
    fc.property(secrets, fc.string(), fc.string(), fc.nat(6_000), (...row) => {
      const [secret, before, after, blanks] = row;
      const text = `${before}${' '.repeat(blanks)}${secret}${after}`;
      for (const answer of [text, JSON.stringify({ message: text }), JSON.stringify({ detail: text })]) {
        expect(whatWasSaid(answer, [secret]).text).not.toContain(secret);
      }
    }),
  );
});

it('a quote is one line of at most 203 letters, whatever was said', () => {
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 400 }), (said) => {
      const { text, code } = whatWasSaid(JSON.stringify({ error_code: said, message: said }), []);
      expect(Array.from(text).length).toBeLessThanOrEqual(203);
      expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(code === null || code === said).toBe(true);
    }),
  );
});

it('Retry-After is a wait of nothing or more, or is as if it were not there', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.integer().map(String)), (header) => {
      const wait = retryAfter(header, 0);
      expect(wait === null || (Number.isFinite(wait) && wait >= 0)).toBe(true);
    }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000 }),
      fc.integer({ min: 0, max: 4_000_000_000 }),
      (at, now) => {
        expect(retryAfter(new Date(at * 1000).toUTCString(), now * 1000)).toBe(Math.max(0, at - now) * 1000);
      },
    ),
  );
});
