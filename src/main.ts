#!/usr/bin/env node
import { CommanderError } from 'commander';
import { AuditError } from './audit/error.ts';
import { BUILD } from './build.ts';
import { type CliHost, createCli } from './cli.ts';
import { systemClock } from './clock.ts';
import { CommandError, EXIT } from './commands/context.ts';
import { SecretError } from './config/secrets.ts';
import { createLogger, type Logger, silentLogger } from './log.ts';
import { createDaemonMetrics } from './metrics/daemon.ts';
import { NotFound, Refused } from './operations.ts';
import { RemoteError } from './remote/error.ts';
import { SimulatorError } from './simulator/error.ts';
import { StoreError } from './store/store.ts';
import { WarehouseError } from './warehouse/warehouse.ts';
import { DaemonError, StartError } from './web/error.ts';

/** The only file that ends the process: signals in, exit code out. */
const abort = new AbortController();
let logger: Logger = silentLogger();

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal is a person who does not want to wait.
    if (abort.signal.aborted) process.exit(EXIT.error);
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
      stop: abort.signal,
      print: (text) => process.stdout.write(text),
      printError: (text) => process.stderr.write(text),
    };
  },
  onHangup: (reload) => process.on('SIGHUP', reload),
  done(code) {
    process.exitCode = code;
  },
};

/** Failures that a person can do something about: told in a sentence, without a stack. */
function isExpected(error: unknown): error is Error & { readonly remedy?: string } {
  const expected = [
    CommandError,
    NotFound,
    StoreError,
    AuditError,
    WarehouseError,
    RemoteError,
    SecretError,
    SimulatorError,
    StartError,
    DaemonError,
  ];
  return expected.some((kind) => error instanceof kind);
}

function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.error;
  if (error instanceof Refused) {
    process.stderr.write(`Refused${error.gate === null ? '' : ` by gate ${error.gate}`}: ${error.message}\n`);
    return EXIT.refused;
  }
  if (isExpected(error)) {
    process.stderr.write(`${error.message}${error.remedy === undefined ? '' : ` ${error.remedy}`}\n`);
    return error instanceof CommandError ? error.exitCode : EXIT.error;
  }
  process.stderr.write(
    `This is a bug in driftwarden ${BUILD}: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return EXIT.error;
}

process.on('unhandledRejection', (error) => {
  logger.fatal({ err: error }, 'a bug: the process ends and can be started again');
  process.exit(EXIT.error);
});

try {
  await createCli(host).parseAsync(process.argv);
} catch (error) {
  process.exitCode = fail(error);
}
