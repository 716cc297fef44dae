import { FAMILY_NAMES, type FamilyName, family, fullName } from './families.ts';

const INTRODUCTION = `# Metrics

What \`GET /metrics\` exposes, generated from \`src/metrics/families*.ts\`. Besides these stand the usual
\`process_*\` and \`nodejs_*\` families.

- Families of source \`models\` come from a snapshot that is rendered after each commit and restored from the store at
  start. Families of source \`daemon\` are kept in memory since the start of the process.
- A series is absent when there is nothing to say: a timestamp of something that never happened, a verdict that is not
  known or not fresh. Absent is never 0.
- Counters of every configured model, reason and desk exist at 0 from the start. Counters of \`audit_records_total\` and of
  source \`daemon\` begin at 0 with the process.
- An evaluation speaks for the present for twice its interval and five minutes. After that its \`check_*\` and
  \`feature*\` series are absent, and \`${fullName('check_unknown')}{reason="stale"}\` is 1.
- Of several served versions, \`check_*\` show the worst one that has live traffic.
- Per-feature series exist for the \`metrics.topFeatures\` features of a model with the highest breach ratio in its last
  evaluation. When \`metrics.maxSeries\` is reached, whole models are left out, the last of the configuration first, and
  \`${fullName('series_limited')}\` is 1.
- Scores of different methods are different units: match \`method\` before adding or comparing them.
`;

/** The reference page of every family, as Markdown. */
export function metricsReference(): string {
  const built = FAMILY_NAMES.filter((name) => family(name).built);
  const reserved = FAMILY_NAMES.filter((name) => !family(name).built);
  return `${INTRODUCTION}
| name | type | labels | help | unit | source |
|---|---|---|---|---|---|
${built.map(row).join('')}
## Reserved

These names are fixed and not exposed by this version: what they measure is not in it.

| name | type | labels | help | unit | source |
|---|---|---|---|---|---|
${reserved.map(row).join('')}`;
}

function row(name: FamilyName): string {
  const { type, labels, help, unit, from } = family(name);
  return `| \`${fullName(name)}\` | ${type} | ${labels.join(', ')} | ${help} | ${unit} | ${from} |\n`;
}
