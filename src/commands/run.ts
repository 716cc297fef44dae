import { startDaemon } from '../daemon.ts';
import type { DaemonMetrics } from '../metrics/daemon.ts';
import { type CommandContext, EXIT } from './context.ts';
import { configOf } from './reach.ts';

/** The daemon, until SIGTERM or SIGINT. SIGHUP loads the configuration anew. */
export async function runCommand(
  options: { metrics: DaemonMetrics; onHangup: (reload: () => void) => void },
  context: CommandContext,
): Promise<number> {
  const { clocks, logger, stop } = context;
  const config = await configOf(context);
  const daemon = await startDaemon({
    config,
    clocks,
    logger,
    metrics: options.metrics,
    selfDriven: true,
    simulated: false,
  });
  options.onHangup(() => {
    daemon
      .reload({ by: 'SIGHUP', identity: 'claimed', reason: null })
      .catch((error: unknown) => logger.error({ err: error }, 'the configuration could not be taken over'));
  });
  if (!stop.aborted)
    await new Promise<void>((done) => stop.addEventListener('abort', () => done(), { once: true }));
  logger.info('stopping: what is under way is finished first');
  await daemon.stop();
  logger.info('stopped');
  return EXIT.ok;
}
