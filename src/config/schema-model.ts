import { z } from 'zod';
import {
  columnName,
  columnType,
  cron,
  duration,
  endpointName,
  listOf,
  name,
  positiveDuration,
  registeredName,
  says,
  scalar,
  tableName,
  time,
  url,
  windowLength,
} from './schema-parts.ts';
import { challenger, drift, fairness, performance, rollback } from './schema-policy.ts';

const where = z.strictObject({
  column: columnName.describe('Required. Column.'),
  equals: scalar.describe('Required. Value the column must have.'),
});

const source = z.strictObject({
  table: tableName.optional().describe('Required. Inference table, full name.'),
  layout: z
    .enum(['ai-gateway', 'legacy', 'columns'])
    .optional()
    .describe(
      '`columns`: a column per feature. `ai-gateway` and `legacy`: payload tables with requests and responses as JSON, whose columns are known; they need `features`. A table of another layout is refused.',
    ),
  requestId: columnName
    .optional()
    .describe(
      'Column of the request id; rows with the same id are one row. Default: rows count as they stand.',
    ),
  timestamp: columnName.optional().describe('Required in layout `columns`. Column of the event time.'),
  version: columnName
    .optional()
    .describe('Column of the model version. Default none: then no check is per version.'),
  status: columnName
    .optional()
    .describe(
      'Column of the HTTP status of the answer; 500 and above is an error answer. Default none: not watched.',
    ),
  latency: columnName
    .optional()
    .describe('Column of the time an answer took, in any unit. Default none: not watched.'),
  where: where.optional().describe('Only rows whose column equals the value. Default: all rows.'),
  cluster: columnName
    .optional()
    .describe(
      'Column of the customer, who has one vote per window however many rows: exact even if the rows of a customer depend on each other. In payload layouts a key of the record. Default none: every row has a vote, and rows are taken as independent.',
    ),
});

const prediction = z.strictObject({
  name: columnName
    .optional()
    .describe(
      'Required. Column of the prediction. In payload layouts its key in each prediction, or its place, from 0, in a list of several; a prediction that is one value needs neither.',
    ),
  type: columnType.optional().describe('Type of the prediction.'),
  threshold: z
    .number()
    .optional()
    .describe(
      'Score at which the decision changes: an edge of the cells, so that verdicts tell the share of decisions on each side. Default none.',
    ),
  favourable: z
    .enum(['above', 'below'])
    .optional()
    .describe(
      'Side of the threshold that is good for the customer: the one whose share verdicts tell. Default none: the share above.',
    ),
});

const labels = z.strictObject({
  table: tableName.describe('Required. Table of the outcomes.'),
  requestId: columnName.describe('Required. Column that joins to `source.requestId`.'),
  column: columnName.describe('Required. Column of the outcome.'),
  positive: scalar.optional().describe('Value that counts as positive.'),
  observedAt: columnName.optional().describe('Column of the time the outcome became known.'),
  maturity: duration.describe('Required. How long after the prediction its outcome is known.'),
});

const baseline = z.strictObject({
  table: tableName.optional().describe('Reference table. A baseline has a `table` or `trailing`.'),
  bins: z.int().min(2).max(20).optional().describe('Cells of a numeric column.'),
  where: where.optional().describe('Only rows whose column equals the value. Default: all rows.'),
  columns: z
    .record(columnName, columnName)
    .optional()
    .describe('Names in the reference table, where they differ: name here to name there. Default none.'),
  version: columnName
    .optional()
    .describe('Column of the model version in the reference table. Default none.'),
  trailing: positiveDuration
    .optional()
    .describe(
      'Instead of a table: this much time before the first window, frozen once, a draft until approved.',
    ),
});

const notEmpty = {
  error: says('names no feature', 'name at least one, or remove the key to have them discovered'),
};

export const model = z
  .strictObject({
    registeredModel: registeredName.optional().describe('Required. Name in the model registry.'),
    endpoint: endpointName
      .nullable()
      .optional()
      .describe('Serving endpoint. Default `null`: a batch model, whose rollback moves the alias only.'),
    owner: name
      .optional()
      .describe('Key of `owners`. Default: the registry tag `owner`, else `owners.default`.'),
    riskTier: z
      .enum(['high', 'medium', 'low'])
      .optional()
      .describe('Sets due dates. Default: the registry tag `risk_tier`, else high.'),
    runbook: url.optional().describe('Page that tells what to do; linked from exceptions. Default none.'),
    task: z
      .enum(['binary', 'multiclass', 'regression'])
      .optional()
      .describe(
        'What the model predicts; shown, and held against the type of the prediction. Default unknown.',
      ),
    source: source.optional().describe('Where the rows of production are.'),
    features: z
      .record(columnName, columnType)
      .refine((features) => Object.keys(features).length > 0, notEmpty)
      .optional()
      .describe(
        'Features and their types. Required in payload layouts. Default in layout `columns`: every usable column of the table that is not named otherwise.',
      ),
    joins: z
      .array(
        z.strictObject({
          table: tableName.describe('Required. Table.'),
          on: columnName.describe('Required. Column both tables have.'),
          columns: listOf(columnName).describe('Required. Columns to take from it.'),
        }),
      )
      .optional()
      .describe('Further columns from other tables.'),
    prediction: prediction
      .optional()
      .describe('The model’s output. Default none: output drift is not watched.'),
    labels: labels.optional().describe('Outcomes, from which performance is measured.'),
    segments: z
      .array(
        z.strictObject({
          column: columnName.describe('Required. Column.'),
          values: listOf(z.string())
            .optional()
            .describe('Its values. Default: the 20 most frequent, frozen; the rest is `other`.'),
        }),
      )
      .optional()
      .describe('Columns whose values are watched on their own.'),
    baseline: baseline.optional().describe('Required. What production is compared with.'),
    since: time
      .optional()
      .describe('Start of the first window. Default: the newest closed window when the model is first seen.'),
    catchUp: duration
      .optional()
      .describe('Missed windows older than this are recorded as skipped instead of evaluated.'),
    minRows: z
      .int()
      .min(1)
      .optional()
      .describe('Rows below which a window is `insufficient`. Default 1, or 200 under `drift.rule: limit`.'),
    schedule: cron
      .optional()
      .describe('Cron line, UTC, that wakes the model. Default: once per window, when it has closed.'),
    window: windowLength
      .optional()
      .describe('Length of a window, or `month` or `quarter`; windows end on multiples of it in UTC.'),
    lateness: duration.optional().describe('A window closes this long after its end.'),
    revisions: duration.optional().describe('For this long late rows are folded in as revisions.'),
    unknownAfter: positiveDuration
      .optional()
      .describe('Unknown for longer than this is an exception itself.'),
    falseAlarmsPerYear: z
      .number()
      .gt(0)
      .max(1000)
      .optional()
      .describe('Budget of false alarms, shared by all checks of the model.'),
    drift: drift.optional().describe('How drift is judged.'),
    performance: performance.optional().describe('Objectives for labelled metrics.'),
    challenger: challenger.optional().describe('Comparison with a challenger.'),
    fairness: fairness.optional().describe('Comparison of groups.'),
    rollback: rollback.optional().describe('What may be done about a breach.'),
  })
  .meta({ id: 'model' });

export type ModelInput = z.infer<typeof model>;
