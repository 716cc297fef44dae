import type { RemoteDeps } from '../remote/workspace.ts';

/** One call over REST as it went by: no value of its answer is kept, and no name in its path. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Names and types of the fields of the answer; empty where it was no JSON. */
  readonly shape: readonly string[];
}

/** The same fetch, with every exchange told. The answer is copied, so that whoever asked reads all of it. */
export function recording(
  fetch: RemoteDeps['fetch'],
  told: (exchange: Exchange) => void,
): RemoteDeps['fetch'] {
  return async (input, init) => {
    const response = await fetch(input, init);
    const request = new Request(input, { method: init?.method ?? 'GET' });
    const { pathname } = new URL(request.url);
    const copy = response.clone();
    told({
      ...{ method: request.method, path: pathname, status: response.status },
      shape: await copy.json().then(shapeOf, () => []),
    });
    return response;
  };
}

/** Whether a path is of a form such as `/api/2.0/serving-endpoints/{name}`. */
export function isOfForm({ method, path }: Exchange, form: string): boolean {
  const [wantedMethod = '', pattern = ''] = form.split(' ');
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (method !== wantedMethod || wanted.length !== given.length) return false;
  return wanted.every((piece, place) => piece.startsWith('{') || piece === given[place]);
}

const MOST_LINES = 400;
const MOST_DEPTH = 12;

/** Paths of fields with their types, sorted; what stands in them is left out, and so are names that are somebody's own. */
export function shapeOf(value: unknown): readonly string[] {
  const lines = new Set<string>();
  collect(value, '$', { lines, depth: 0 });
  return [...lines].sort();
}

function collect(
  value: unknown,
  path: string,
  into: { readonly lines: Set<string>; readonly depth: number },
): void {
  const { lines, depth } = into;
  if (lines.size >= MOST_LINES || depth > MOST_DEPTH) return;
  if (Array.isArray(value)) {
    lines.add(`${path}: list`);
    for (const item of value) collect(item, `${path}[]`, { lines, depth: depth + 1 });
    return;
  }
  if (typeof value !== 'object' || value === null) {
    lines.add(`${path}: ${value === null ? 'null' : typeof value}`);
    return;
  }
  const own = OWN_NAMES.test(path);
  for (const [key, inner] of Object.entries(value)) {
    const name = own || !FIELD.test(key) ? '*' : key;
    collect(inner, `${path}.${name}`, { lines, depth: depth + 1 });
  }
}

/** Under these, keys are chosen by whoever made the object. */
const OWN_NAMES = /\.(environment_vars|tags|custom_tags|query_tags|headers)$/;
/** How the vendor names fields: snake case, camel case, `Resources`. All capitals are names of somebody's environment. */
const FIELD = /^(?![A-Z0-9_]+$)[A-Za-z][A-Za-z0-9_]{0,60}$/;
