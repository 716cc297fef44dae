import type { Document, ErrorCode } from 'yaml';
import type { Fault } from './yaml-faults.ts';

/** The parser's own sentences quote the text, which may hold a secret: these do not. */
const SENTENCES: { readonly [code in ErrorCode]: readonly [message: string, remedy: string] } = {
  ALIAS_PROPS: ['a reference (*name) has a tag or an anchor', 'remove it'],
  BAD_ALIAS: ['a reference (*name) has no usable name', 'name an anchor that is defined above'],
  BAD_DIRECTIVE: ['a line that starts with % is not understood', 'remove the line'],
  BAD_DQ_ESCAPE: [
    'text in double quotes has an escape that does not exist',
    'use single quotes, or double the backslash',
  ],
  BAD_INDENT: [
    'the indentation is wrong',
    'line the key up with its neighbours; inside brackets close them first',
  ],
  BAD_PROP_ORDER: ['an anchor or a tag stands in the wrong place', 'put it before its value'],
  BAD_SCALAR_START: ['a value starts with a character that YAML reserves', 'put the value in quotes'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second key stands in the same line, or a value contains ": "',
    'put it on a line of its own, or quote the value',
  ],
  BLOCK_IN_FLOW: ['a block stands inside brackets', 'write it with brackets and commas'],
  DUPLICATE_KEY: ['a key is given twice', 'keep one of the two'],
  IMPOSSIBLE: ['the text is not YAML', 'check the lines around'],
  KEY_OVER_1024_CHARS: ['a key is longer than 1024 characters', 'check the quotes above'],
  MISSING_CHAR: ['a closing quote, a bracket, a comma or the space after a colon is missing', 'add it'],
  MULTILINE_IMPLICIT_KEY: ['a key goes over several lines', 'check the indentation and the quotes above'],
  MULTIPLE_ANCHORS: ['a value has two anchors', 'keep one'],
  MULTIPLE_DOCS: ['the file holds several documents', 'remove the line --- and what follows'],
  MULTIPLE_TAGS: ['a value has two tags', 'remove them'],
  NON_STRING_KEY: ['a key is not text', 'put the key in quotes'],
  RESOURCE_EXHAUSTION: ['the file is nested too deeply', 'check for brackets that are never closed'],
  TAB_AS_INDENT: ['a tab is used as indentation', 'use spaces'],
  TAG_RESOLVE_FAILED: ['a value has a YAML tag', 'remove the word that starts with !'],
  UNEXPECTED_TOKEN: [
    'something here does not belong',
    'check the lines around for a missing colon, quote or dash',
  ],
  BAD_COLLECTION_TYPE: ['a tag does not fit its value', 'remove the tag'],
};

/** Syntax errors of a document, one per line: what follows the first on a line is mostly its echo. */
export function syntaxFaults(document: Document, lineOf: (offset: number) => number): readonly Fault[] {
  const errors = [...document.errors, ...document.warnings];
  const deep = errors.find((error) => error.code === 'RESOURCE_EXHAUSTION');
  const faults = new Map<number, Fault>();
  for (const error of deep === undefined ? errors : [deep]) {
    const [message, remedy] = SENTENCES[error.code];
    const line = lineOf(error.pos[0]);
    if (!faults.has(line)) faults.set(line, { offset: error.pos[0], path: [], message, remedy, fatal: true });
  }
  if (faults.size === 0 && document.directives?.yaml.version !== '1.2') {
    const remedy = 'remove the line %YAML';
    faults.set(1, {
      offset: 0,
      path: [],
      message: 'the file asks for an older YAML than 1.2',
      remedy,
      fatal: true,
    });
  }
  return [...faults.values()];
}
