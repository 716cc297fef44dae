import { loadConfig } from '../config/load.ts';
import { formatProblem, type Problem } from '../config/problems.ts';
import { type CommandContext, EXIT, printResult } from './context.ts';
import { probeOutside } from './probe.ts';

/** Every problem of the configuration at once; with `online` also whether each thing it names is there and may be used. */
export async function checkCommand(options: { online: boolean }, context: CommandContext): Promise<number> {
  const loaded = await loadConfig(context.configPath);
  if (!loaded.ok) {
    const { problems } = loaded;
    const count = `${problems.length} problem${problems.length === 1 ? '' : 's'} in ${context.configPath}`;
    printResult(context, { problems }, [
      ...problems.map((problem: Problem) => formatProblem(problem)),
      count,
    ]);
    return EXIT.refused;
  }
  const models = Object.keys(loaded.config.models);
  const fine = `${context.configPath} is fine: ${models.length} model${models.length === 1 ? '' : 's'} (${models.join(', ')}).`;
  if (!options.online) {
    printResult(context, { problems: [] }, [fine]);
    return EXIT.ok;
  }
  const probes = await probeOutside(loaded.config, context);
  const bad = probes.filter(({ fault }) => fault !== null);
  printResult(context, { problems: [], probes }, [
    fine,
    ...probes.map(({ what, fault }) => (fault === null ? `ok    ${what}` : `FAIL  ${what}: ${fault}`)),
    bad.length === 0 ? 'Everything it names answers.' : `${bad.length} of ${probes.length} probes failed.`,
  ]);
  return bad.length === 0 ? EXIT.ok : EXIT.refused;
}
