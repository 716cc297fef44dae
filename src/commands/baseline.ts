import type { Baseline } from '../baseline/bins.ts';
import { foldCoarse, intervalLabels } from '../baseline/cells.ts';
import type { Claim } from '../operations.ts';
import { configuredModel } from '../requests/model.ts';
import { type CommandContext, CommandError, EXIT, printResult } from './context.ts';
import { tableLines, tablesOf } from './evidence-tables.ts';
import { withOperations, withReader } from './reach.ts';
import { table } from './table.ts';

export async function baselineFreezeCommand(
  options: { model: string; claim: Claim },
  context: CommandContext,
): Promise<number> {
  const baseline = await withOperations(context, (operations) =>
    operations.freezeBaseline(options.model, options.claim),
  );
  printResult(context, { baseline: baselineSummary(baseline) }, [
    ...baselineLines(baseline),
    `Approve it with: driftwarden baseline approve ${baseline.id} --by WHO --reason TEXT`,
  ]);
  return EXIT.ok;
}

export async function baselineListCommand(model: string | null, context: CommandContext): Promise<number> {
  const { baselines, noStore } = await withReader(context, async ({ config, store, noStore }) => {
    const models = model === null ? Object.keys(config.models) : [configuredModel(config, model).name];
    const found = await Promise.all(models.map((name) => store.baselines(name)));
    return { baselines: found.flat(), noStore };
  });
  const rows = baselines.map(({ id, state, frozenAt, approvedBy, content }) => [
    id,
    content.model,
    content.version,
    state,
    content.rows,
    frozenAt.slice(0, 16),
    approvedBy,
  ]);
  const lines =
    baselines.length === 0
      ? [noStore ?? 'No baseline has been frozen yet.']
      : table(['id', 'model', 'version', 'state', 'rows', 'frozen', 'approved by'], rows);
  printResult(context, { baselines: baselines.map(baselineSummary) }, lines);
  return EXIT.ok;
}

export async function baselineShowCommand(
  options: { id: string; tables: boolean },
  context: CommandContext,
): Promise<number> {
  const { baseline, tables } = await withReader(context, async (reader) => {
    const found = await reader.store.baseline(options.id);
    const model = found === null ? undefined : reader.config.models[found.content.model];
    return {
      baseline: found,
      tables: found !== null && model !== undefined && options.tables ? tablesOf(found, model) : null,
    };
  });
  if (baseline === null)
    throw new CommandError(
      `There is no baseline ${options.id}. "driftwarden baseline list" names those there are.`,
    );
  const lines = tables === null ? cellLines(baseline) : tableLines(tables);
  printResult(context, tables === null ? { baseline } : { baseline, tables }, [
    ...baselineLines(baseline),
    '',
    ...lines,
  ]);
  return EXIT.ok;
}

export async function baselineApproveCommand(
  options: { id: string; claim: Claim },
  context: CommandContext,
): Promise<number> {
  const baseline = await withOperations(context, (operations) =>
    operations.approveBaseline(options.id, options.claim),
  );
  printResult(context, { baseline: baselineSummary(baseline) }, baselineLines(baseline));
  return EXIT.ok;
}

export function baselineSummary({
  id,
  hash,
  state,
  frozenAt,
  approvedBy,
  approvedAt,
  approvalReason,
  content,
}: Baseline): object {
  const { model, version, table: from, rows, bins } = content;
  return {
    id,
    hash,
    model,
    version,
    state,
    table: from,
    rows,
    bins,
    features: content.columns.length,
    frozenAt,
    approvedBy,
    approvedAt,
    approvalReason,
  };
}

function baselineLines(baseline: Baseline): readonly string[] {
  const { id, hash, state, frozenAt, content, approvedBy, approvedAt, approvalReason } = baseline;
  return [
    `${id}  ${content.model}, version ${content.version}: ${state}`,
    `${content.rows} rows of ${content.table}, frozen ${frozenAt}, SHA-256 ${hash}`,
    ...(approvedBy === null
      ? []
      : [`approved by ${approvedBy} at ${approvedAt ?? ''}: ${approvalReason ?? ''}`]),
  ];
}

function cellLines(baseline: Baseline): readonly string[] {
  const columns = [
    ...baseline.content.columns.map((column) => ({ title: column.name, column })),
    ...baseline.content.predictions.map(({ version, column }) => ({
      title: `${column.name} (version ${version})`,
      column,
    })),
  ];
  return columns.flatMap(({ title, column: { bins, counts } }) => {
    const labels = bins.kind === 'numeric' ? intervalLabels(bins.coarseEdges) : bins.levels;
    const cells = bins.kind === 'numeric' ? foldCoarse(bins, counts.cells) : counts.cells;
    const special = Object.entries({
      missing: counts.missing,
      non_finite: counts.nonFinite,
      unseen: counts.unseen,
      other: counts.other,
    }).filter(([, count]) => count > 0);
    return [
      title,
      ...table(
        ['cell', 'rows'],
        [...labels.map((label, cell) => [label, cells[cell] ?? 0] as const), ...special],
      ),
      '',
    ];
  });
}
