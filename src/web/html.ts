/**
 * Markup that is safe to send. It comes only out of the {@link html} template, which escapes every value, so that a
 * name from a registry or a warehouse cannot become an element, an attribute or a script.
 */
export interface Html {
  readonly text: string;
}

/** What a template accepts; null, undefined and booleans leave nothing, so that `condition && html\`...\`` reads well. */
export type HtmlValue = string | number | boolean | null | undefined | Html | readonly HtmlValue[];

class SafeHtml implements Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

const ESCAPES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, and the signs that turn the reading direction and make a name look like another one, become the replacement sign. */
const FORBIDDEN = /(?![\t\n\r])[\p{Cc}\p{Cs}\p{Bidi_Control}]/gu;

/** For text and for attribute values in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '').replace(FORBIDDEN, '\ufffd');
}

/** The template that pages are written with. Attribute values must stand in quotes; it cannot be used inside a tag name. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) text += render(value) + (parts[index + 1] ?? '');
  return new SafeHtml(text);
}

/** Markup written in this program, never anything that came from outside: the style sheet. */
export function trusted(text: string): Html {
  return new SafeHtml(text);
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined || typeof value === 'boolean') return '';
  if (value instanceof SafeHtml) return value.text;
  if (Array.isArray(value)) return (value as readonly HtmlValue[]).map(render).join('');
  return escapeHtml(typeof value === 'number' ? String(value) : (value as string));
}

/** A link target of this program: each part percent-encoded. */
export function path(...segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

/** A link to somewhere else, if it is one a browser may follow; `javascript:` and the like become plain text. */
export function outsideLink(url: string, text: string): Html {
  if (!/^https?:\/\//i.test(url)) return html`${text}`;
  return html`<a href="${url}" rel="noreferrer noopener">${text}</a>`;
}
