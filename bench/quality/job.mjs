/** One worker: measures what it is sent, and answers with the lines. */
import { delayTable } from './delays.mjs';
import { alarmsOf } from './false-alarms.mjs';

process.on('message', ({ key, kind, question }) => {
  const lines = kind === 'alarms' ? [{ ...question, alarms: alarmsOf(question) }] : delayTable(question);
  process.send({ key, kind, lines });
});
