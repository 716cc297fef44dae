import { expect, test } from 'vitest';
import { createLogger } from '../../src/log.ts';

test.each(['json', 'pretty'] as const)(
  'a %s log tells the level of each message it writes, and of no other',
  (format) => {
    const counted: string[] = [];
    const lines: string[] = [];
    const logger = createLogger({
      level: 'info',
      format,
      write: (line) => {
        lines.push(line);
      },
      counted: (level) => {
        counted.push(level);
      },
    });

    logger.info('a model was evaluated');
    logger.debug('not written at this level');
    logger.child({ model: 'credit_pd' }).warn('a window was skipped');

    expect(counted).toEqual(['info', 'warn']);
    expect(lines).toHaveLength(2);
  },
);
