#!/usr/bin/env node
import { BUILD } from './build.ts';
import { failureOf } from './cli/failure.ts';
import { type CliHost, createCli } from './cli.ts';
import { systemClock } from './clock.ts';
import { EXIT } from './commands/context.ts';
import { createLogger, type Logger, silentLogger } from './log.ts';
import { createDaemonMetrics } from './metrics/daemon.ts';

/** The only file that ends the process: signals in, exit code out. */
const abort = new AbortController();
let logger: Logger = silentLogger();
/** Whether the command that runs ends what is under way when it is asked to stop. The others are ended at once. */
let endsCleanly = false;

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal is a person who does not want to wait.
    if (abort.signal.aborted || !endsCleanly) process.exit(EXIT.error);
    abort.abort();
  });
}

const host: CliHost = {
  context(options) {
    const metrics = createDaemonMetrics({
      build: { version: BUILD, revision: process.env['DRIFTWARDEN_REVISION'] ?? '' },
      sources: ['duckdb'],
      process: true,
    });
    const format = options.logFormat ?? (process.stderr.isTTY ? 'pretty' : 'json');
    logger = createLogger({
      level: options.logLevel,
      format,
      write: (line) => process.stderr.write(line),
      counted: metrics.logged,
    });
    const clocks = { domain: systemClock, wall: systemClock };
    return {
      configPath: options.config,
      json: options.json,
      clocks,
      logger,
      metrics,
      get stop() {
        endsCleanly = true;
        return abort.signal;
      },
      print: (text) => process.stdout.write(text),
      printError: (text) => process.stderr.write(text),
    };
  },
  onHangup: (reload) => process.on('SIGHUP', reload),
  done(code) {
    process.exitCode = code;
  },
};

process.on('unhandledRejection', (error) => {
  logger.fatal({ err: error }, 'a bug: the process ends and can be started again');
  process.exit(EXIT.error);
});

try {
  await createCli(host).parseAsync(process.argv);
} catch (error) {
  const { text, exitCode } = failureOf(error);
  process.stderr.write(text);
  process.exitCode = exitCode;
}
