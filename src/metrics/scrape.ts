import type { DaemonMetrics } from './daemon.ts';
import { CONTENT_TYPES, negotiate, OPENMETRICS_END, toOpenMetrics } from './exposition.ts';
import type { ModelSnapshot } from './snapshot.ts';

/** What `/metrics` answers: the finished snapshot, then what the daemon says about itself. Nothing outside is waited for. */
export async function scrape(
  models: ModelSnapshot,
  daemon: Pick<DaemonMetrics, 'text'>,
  accept: string | undefined,
): Promise<{ readonly contentType: string; readonly body: string }> {
  const format = negotiate(accept);
  const own = await daemon.text();
  const body =
    format === 'text' ? models.text + own : models.openMetrics + toOpenMetrics(own) + OPENMETRICS_END;
  return { contentType: CONTENT_TYPES[format], body };
}
