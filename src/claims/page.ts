import type { Claim } from './claim.ts';
import { CLAIMS } from './list.ts';

/** The page of the documentation: what is relied on, and what each claim has been checked against. */
export function claimsPage(): string {
  const part = (kind: Claim['kind']): string =>
    [
      '| claim | form | fakes | open source | live workspace |',
      '|---|---|---|---|---|',
      ...CLAIMS.filter((claim) => claim.kind === kind).map(row),
    ].join('\n');
  const live = CLAIMS.filter(({ tested }) => tested.live !== null).length;
  return `<!-- Generated from src/claims/list.ts: UPDATE_DOCS=1 npx vitest run test/claims rewrites it. -->
# What driftwarden relies on

Every REST call and every statement by which driftwarden depends on a system that it does not own, and what each has been checked against. Nothing here is
taken from a live workspace unless its row names a day and a cloud: ${live} of ${CLAIMS.length} do.

    driftwarden verify-live --out record.json

goes through all of them on the configured workspace by calls that only read, and tells each as \`pass\`, \`fail\`, \`not reachable\` (no right, no answer, or
nothing configured that needs it) or \`not tried\` (it would change something). It exits with 0, with 2 if any fails, and with 4 if nothing could be reached.
\`--endpoint NAME\` names an endpoint made for this, which serves no model: then an update to what it is already is tried as well.
The record holds names and types of the fields of answers, no value and no name of yours: read it, and send it to us, so that these rows can say so.

- **fakes**: the fakes or the simulated workspace of the tests behave so, and the program's own code reads it.
- **open source**: real Spark 4.2 with Delta, or a real MLflow server, was asked by the system tests (\`npm run test:system\`).

## REST

${part('rest')}

## SQL

\`source\` is a table of yours; the other statements are of no table. How the statements of a table are written is held, to the letter, by what Spark answered to
them (\`test/fixtures/databricks\`).

${part('sql')}
`;
}

function row({ id, says, form, tested }: Claim): string {
  const { fakes, openSource, live } = tested;
  const cells = [
    `\`${id}\` ${says}`,
    `\`${form}\``,
    fakes ? 'yes' : '',
    openSource ?? '',
    live === null ? 'not yet' : `${live.date}, ${live.cloud}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
