import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, html, outsideLink, path, trusted } from '../../src/web/html.ts';
import { decode, parseMarkup, textOf } from './markup.ts';

describe('the template', () => {
  test('escapes every value that is not markup', () => {
    expect(html`<b title="${'"><script>'}">${"<i>&'"}</b>`.text).toBe(
      '<b title="&quot;&gt;&lt;script&gt;">&lt;i&gt;&amp;&#39;</b>',
    );
  });

  test('keeps markup, joins lists, leaves out what is absent', () => {
    const list = [html`<i>a</i>`, '<', 0, null, undefined, false, true];
    expect(html`<p>${list}${trusted('<hr>')}</p>`.text).toBe('<p><i>a</i>&lt;0<hr></p>');
  });

  test('an object that only looks like markup is not taken for it', () => {
    const forged = JSON.parse('{"text":"<script>"}') as never;
    expect(() => html`${forged}`).toThrow();
  });

  test('whatever a name is, it stands in the page as text and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const root = parseMarkup(html`<p id="${name}">${name}</p>`.text);
        const [paragraph] = root.children;
        if (paragraph === undefined || typeof paragraph === 'string') throw new Error('no element');
        expect(paragraph.children.every((child) => typeof child === 'string')).toBe(true);
        expect(textOf(paragraph)).toBe(decode(escapeHtml(name)));
        expect(paragraph.attributes['id']).toBe(textOf(paragraph));
      }),
    );
  });

  test.each([
    ['null byte', 'a\u0000b'],
    ['escape', 'a\u001bb'],
    ['reading direction', 'a\u202eb'],
    ['half a character', 'a\ud800b'],
  ])('%s becomes the replacement sign', (_, text) => {
    expect(escapeHtml(text)).toBe('a\ufffdb');
  });

  test.each(['tab\tand\nlines\r', 'Zürich', '日本', '🙂'])('%j stays', (text) => {
    expect(escapeHtml(text)).toBe(text);
  });
});

describe('links', () => {
  test('parts of a path are encoded one by one', () => {
    expect(path('models', '../a b?x#y/z"')).toBe('/models/..%2Fa%20b%3Fx%23y%2Fz%22');
  });

  test.each(['https://wiki.example/a?b=1&c', 'http://wiki.example'])('%s is a link', (url) => {
    expect(parseMarkup(outsideLink(url, 'there').text).children[0]).toMatchObject({
      name: 'a',
      attributes: { href: url },
    });
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example', ' https://x'])(
    '%s is text',
    (url) => {
      expect(outsideLink(url, 'there').text).toBe('there');
    },
  );
});
