/** A named value as the driver sends it. */
export interface TextParameter {
  readonly name: string;
  readonly type: string;
  readonly value: string | null;
}

const TOKEN = /'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\/|::|:([A-Za-z_]\w*)/g;

/**
 * Writes named values into a statement as literals, for a server that knows no parameters. Quoted texts, quoted names, comments and
 * `::` are passed over. A quoted name that is in `names` becomes another one.
 */
export function bindText(
  sql: string,
  parameters: readonly TextParameter[],
  names: ReadonlyMap<string, string> = new Map(),
): string {
  return sql.replace(TOKEN, (token, name: string | undefined) => {
    if (token.startsWith('`')) return names.get(token) ?? token;
    if (name === undefined) return token;
    const found = parameters.find((parameter) => parameter.name === name);
    if (found === undefined) throw new Error(`no value for :${name}`);
    return found.value === null ? 'NULL' : `CAST(${literal(found.value)} AS ${found.type})`;
  });
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}
