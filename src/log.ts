import pino, { type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/** Secrets read so far; the last stage of the log replaces each with `[secret]`, wherever in a line it stands. */
const known = new Set<string>();

/** Makes the log blind to this value. Values shorter than six characters are left: they would blot out ordinary words. */
export function hideFromLog(secret: string): void {
  if (secret.length >= 6) known.add(secret);
}

function scrub(line: string): string {
  let clean = line;
  for (const secret of known) {
    if (clean.includes(secret)) clean = clean.split(secret).join('[secret]');
    const escaped = JSON.stringify(secret).slice(1, -1);
    if (escaped !== secret && clean.includes(escaped)) clean = clean.split(escaped).join('[secret]');
  }
  return clean;
}

export interface LogOptions {
  readonly level: string;
  readonly format: 'pretty' | 'json';
  readonly write: (line: string) => void;
  /** Told the level of every message that is written, for the metric that counts them. */
  readonly counted?: (level: string) => void;
}

/** One line per event on the given sink: JSON for machines, or `time LEVEL message key=value` for people. */
export function createLogger(options: LogOptions): Logger {
  const write = (line: string): void =>
    options.write(scrub(options.format === 'json' ? line : prettyLine(line)));
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method, level) {
          options.counted?.(pino.levels.labels[level] ?? 'info');
          method.apply(this, args);
        },
      },
    },
    { write },
  );
}

/** A log that says nothing, for tests and for commands that only print. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

function prettyLine(line: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as {
    level: string;
    time: string;
    msg?: string;
    err?: { message?: string };
    [key: string]: unknown;
  };
  const fields = Object.entries(rest).map(
    ([key, value]) =>
      `${key}=${typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value)}`,
  );
  if (err?.message !== undefined) fields.push(`error=${JSON.stringify(err.message)}`);
  return `${time.slice(0, 19)}Z ${level.toUpperCase().padEnd(5)} ${msg ?? ''}${fields.length > 0 ? `  ${fields.join(' ')}` : ''}\n`;
}
