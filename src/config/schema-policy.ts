import { z } from 'zod';
import {
  alias,
  columnName,
  filePath,
  listOf,
  positiveDuration,
  says,
  share,
  text,
  windowLength,
} from './schema-parts.ts';

/** How a model is judged and what may be done about it: drift, performance, challenger, fairness, rollback. */

const MEANS_PSI = 'Population stability index: `warn` is the materiality, `breach` the limit that counts.';
const psi = z
  .strictObject({
    warn: z.number().gt(0).optional().describe('PSI beyond which drift matters.'),
    breach: z.number().gt(0).optional().describe('PSI beyond which drift is a breach.'),
  })
  .optional();
const ks = z
  .strictObject({
    warn: z.number().gt(0).lt(1).optional().describe('KS distance beyond which drift matters.'),
    breach: z.number().gt(0).lt(1).optional().describe('KS distance beyond which drift is a breach.'),
  })
  .optional();

export const drift = z.strictObject({
  rule: z
    .enum(['evidence', 'limit'])
    .optional()
    .describe(
      '`evidence`: proven within the budget of false alarms. `limit`: the value over its limit, m of n windows.',
    ),
  psi: psi.describe(MEANS_PSI),
  ks: ks.describe(
    'Kolmogorov-Smirnov distance of numeric features. Default: measured and shown, not judged.',
  ),
  features: z
    .record(
      columnName,
      z.strictObject({
        ignore: z
          .boolean()
          .optional()
          .describe('Whether the feature is left out of the judgement. Default false.'),
        psi: psi.describe('PSI limits of this feature. Default: those of the model.'),
        ks: ks.describe('KS limits of this feature. Default: those of the model.'),
      }),
    )
    .optional()
    .describe('Features judged by limits of their own. Default none.'),
});

const OBJECTIVE = /^(?:>=|<=|>|<)\s*-?\d+(?:\.\d+)?$/;

export const performance = z.strictObject({
  window: windowLength.optional().describe('Window of the labelled metrics. Default: the model’s.'),
  slos: z
    .array(
      z.strictObject({
        metric: z.string().min(1).describe('Required. Metric, for example `auc`.'),
        objective: text('an objective', OBJECTIVE, 'write for example ">= 0.72"').describe(
          'Required. What the metric shall be.',
        ),
        tolerance: z
          .number()
          .min(0)
          .optional()
          .describe('Distance beyond the objective that is still no breach.'),
        compliance: share.optional().describe('Share of windows that shall be good.'),
        period: positiveDuration.optional().describe('Over how long that share is counted.'),
      }),
    )
    .min(1)
    .describe('Required. Objectives.'),
});

export const challenger = z.strictObject({
  window: windowLength.optional().describe('Window of the comparison. Default: the model’s.'),
  alias: alias.optional().describe('Registry alias of the challenger.'),
  prediction: columnName.optional().describe('Column of the shadow score. Default: split traffic.'),
  kpi: z
    .strictObject({
      metric: z.string().min(1).describe('Required. Metric that decides.'),
      margin: z.number().min(0).optional().describe('How much better the challenger has to be.'),
      direction: z.enum(['lower', 'higher']).optional().describe('Which values are better.'),
    })
    .describe('Required. What the challenger is compared on.'),
  guardrails: z
    .array(
      z.strictObject({
        metric: z.string().min(1).describe('Required. Metric.'),
        of: columnName.optional().describe('Column it is measured on.'),
        below: z.number().optional().describe('Upper limit.'),
        above: z.number().optional().describe('Lower limit.'),
      }),
    )
    .optional()
    .describe('Metrics that must stay within limits whatever the KPI says.'),
});

export const fairness = z.strictObject({
  window: windowLength.optional().describe('Window of the comparison. Default: the model’s.'),
  column: columnName.describe('Required. Column of the groups.'),
  reference: z.string().min(1).describe('Required. Group the others are compared with.'),
  air: z.number().gt(0).lte(1).optional().describe('Adverse impact ratio below which it is a breach.'),
});

const BREACHES = says('is not m of n', 'write for example "3 of 4"');
const breaches = z.string({ error: BREACHES }).regex(/^[1-9]\d{0,2} of [1-9]\d{0,2}$/, { error: BREACHES });

const deadline = z.strictObject({
  hot: positiveDuration.optional().describe('When the champion is warm on the endpoint.'),
  cold: positiveDuration.optional().describe('When it is scaled to zero.'),
  absent: positiveDuration.optional().describe('When it has to be deployed first.'),
});

export const rollback = z.strictObject({
  mode: z
    .enum(['observe', 'approve', 'auto'])
    .optional()
    .describe(
      '`observe`: plans are shown, nothing is changed. `approve`: a person releases each. `auto`: no person needed.',
    ),
  on: listOf(z.enum(['performance', 'prediction', 'challenger', 'fairness', 'drift']))
    .optional()
    .describe(
      'Checks whose breach may lead to a rollback. Feature drift alone opens an exception unless `drift` is listed.',
    ),
  moves: listOf(z.enum(['traffic', 'alias']))
    .optional()
    .describe('What a rollback moves.'),
  breaches: breaches
    .optional()
    .describe(
      'Windows in breach among the last known ones. Default `1 of 1`, or `3 of 4` under `drift.rule: limit`.',
    ),
  bake: z
    .strictObject({
      for: positiveDuration.optional().describe('How long after a version change.'),
      window: positiveDuration.optional().describe('Window of these checks.'),
    })
    .optional()
    .describe(
      'Watch for gross failure after a version change. Needs `prediction` and `source.version`; without them nothing is watched.',
    ),
  requireTags: z
    .record(z.string().min(1), z.string())
    .optional()
    .describe('Tags a version must carry in the registry to be gone back to, with exactly these values.'),
  smoke: z
    .strictObject({
      payload: z
        .strictObject({ file: filePath.describe('JSON file with the request.') })
        .describe('Required. The request.'),
    })
    .optional()
    .describe('A request the champion must answer before traffic is moved to it.'),
  championAlias: alias.optional().describe('Registry alias of the version that should serve.'),
  rollbackAlias: alias.optional().describe('Registry alias of the last good version.'),
  cooldown: positiveDuration.optional().describe('No second rollback of the model within this time.'),
  approvalExpires: positiveDuration.optional().describe('How long a plan waits for its approval.'),
  deadline: deadline
    .optional()
    .describe('From the first intent to the verified alias; then a person is needed.'),
  requireVerified: z
    .boolean()
    .optional()
    .describe(
      'Whether only somebody with a token of their own may approve, not a name that somebody typed. Default false.',
    ),
  dwell: positiveDuration
    .optional()
    .describe('How long the endpoint and the alias are re-read after a rollback before it is done.'),
});
