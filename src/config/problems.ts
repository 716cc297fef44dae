/** The way to a value in a configuration: keys and list positions from the top of the file. */
export type Path = readonly (string | number)[];

/** One mistake in a configuration: where it is, what is wrong, what to do. Lines and columns count from 1. */
export interface Problem {
  /** The file as the main file was named, or as it is found beside it. */
  readonly file: string;
  /** Null when the file as a whole is meant, for instance because it is not there. */
  readonly line: number | null;
  readonly column: number | null;
  /** `models.credit_pd.drift.psi`; empty when the file as a whole is meant. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

/** `file:line:column: path message; remedy`, the form editors and terminals turn into a link. */
export function formatProblem(problem: Problem): string {
  const place =
    problem.line === null ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  const subject = problem.path === '' ? problem.message : `${problem.path} ${problem.message}`;
  return `${place}: ${subject}; ${problem.remedy}`;
}

/** `models.credit_pd.source.table`, `http.auth.tokens[0]`, `warehouse.tables["main.risk.x"]`. */
export function showPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Whether one path lies on the other: they are equal, or one leads to the other. */
export function overlaps(one: Path, other: Path): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return short.every((step, index) => step === long[index]);
}

/** Keeps the first of several problems that say the same of the same place, in the order of the files and their lines. */
export function tidyProblems(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map((problem) => problem.file))];
  const seen = new Set<string>();
  const kept = problems.filter((problem) => {
    const place = JSON.stringify([problem.file, problem.line, problem.column, problem.path, problem.message]);
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
  return kept.sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
