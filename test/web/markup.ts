/** An element of a page or drawing, as far as tests look at it. */
export interface Element {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: readonly (Element | string)[];
}

const VOID = new Set(['meta', 'link', 'br', 'img', 'hr', 'input']);
const ENTITIES: { readonly [entity: string]: string } = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

interface Open extends Element {
  readonly children: (Element | string)[];
}

const TOKEN =
  /<!doctype html>|<\/(?<closing>[a-z][\w-]*)>|<(?<opening>[a-z][\w-]*)(?<attributes>(?:\s+[\w:-]+="[^"<>]*")*)\s*(?<empty>\/?)>|(?<text>[^<]+)/giy;

/** Reads markup strictly: every element closed in order, every attribute in double quotes and only once. Throws elsewise. */
export function parseMarkup(markup: string): Element {
  const root: Open = { name: '', attributes: {}, children: [] };
  const open: Open[] = [root];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < markup.length) {
    const at = token.lastIndex;
    const match = token.exec(markup);
    if (match === null) throw new Error(`not markup at ${at}: ${markup.slice(at, at + 120)}`);
    take(match.groups ?? {}, open);
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.name ?? ''}> is never closed`);
  return root;
}

function take(groups: { readonly [name: string]: string | undefined }, open: Open[]): void {
  const { closing, opening, attributes = '', empty, text } = groups;
  const parent = open.at(-1);
  if (parent === undefined) throw new Error('nothing is open');
  if (text !== undefined) parent.children.push(decode(text));
  if (closing !== undefined && open.pop()?.name !== closing) {
    throw new Error(`</${closing}> closes <${parent.name}>`);
  }
  if (opening === undefined) return;
  const element: Open = { name: opening, attributes: parseAttributes(attributes), children: [] };
  parent.children.push(element);
  if (empty !== '/' && !VOID.has(opening)) open.push(element);
}

function parseAttributes(text: string): { readonly [name: string]: string } {
  const found: { [name: string]: string } = {};
  for (const [, name = '', value = ''] of text.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (name in found) throw new Error(`the attribute ${name} stands twice`);
    found[name] = decode(value);
  }
  return found;
}

export function decode(text: string): string {
  if (/&(?!amp;|lt;|gt;|quot;|#39;)/.test(text)) throw new Error(`an entity that is not ours: ${text}`);
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? '');
}

/** Every element in the order of the document. */
export function elements(root: Element): readonly Element[] {
  return root.children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...elements(child)]));
}

/** All with this name and, if given, all these classes. */
export function find(root: Element, name: string, ...classes: string[]): readonly Element[] {
  return elements(root).filter((element) => {
    const own = (element.attributes['class'] ?? '').split(' ');
    return element.name === name && classes.every((wanted) => own.includes(wanted));
  });
}

export function textOf(element: Element | string): string {
  return typeof element === 'string' ? element : element.children.map(textOf).join('');
}
