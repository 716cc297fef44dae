import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExceptionCase } from '../../src/exceptions/exception.ts';
import type { DeskRequest, TicketDesk } from '../../src/tickets/desk.ts';
import { expectFailure } from '../support/fails.ts';

export interface DeskFixture {
  readonly desk: TicketDesk;
  /** Idempotency keys of everything the desk accepted, in order, repeats included. */
  accepted(): Promise<readonly string[]>;
  /** The next request is refused with this status. */
  refuseNext(status: number): Promise<void>;
  close(): Promise<void>;
}

export function exampleCase(changes: Partial<ExceptionCase> = {}): ExceptionCase {
  return {
    id: 'ex-1',
    model: 'credit_pd',
    cause: 'prediction',
    severity: 'high',
    state: 'open',
    owner: 'retail-credit',
    email: 'retail-credit@bank.example',
    openedAt: '2026-03-01T00:00:00.000Z',
    dueAt: '2026-03-02T00:00:00.000Z',
    version: '7',
    title: 'Scores of credit_pd drifted',
    text: 'PSI of score is 0.31 on 4 812 rows.',
    evaluation: 'ev-1',
    rollbacks: [],
    subCauses: [],
    quietWindows: 0,
    riskAcceptedUntil: null,
    escalations: [],
    desk: 'ops',
    ticket: null,
    history: [],
    rev: 3,
    ...changes,
  };
}

export function exampleRequest(changes: Partial<DeskRequest> = {}): DeskRequest {
  return {
    action: 'open',
    key: 'ex-1:open:1',
    exception: exampleCase(),
    title: 'Scores of credit_pd drifted',
    text: 'PSI of score is 0.31; größer als 0.25.',
    links: { exception: 'https://driftwarden.bank.example/exceptions/ex-1' },
    ...changes,
  };
}

/** What every ticket desk must do, whatever stands behind it. */
export function describeTicketDesk(name: string, make: () => Promise<DeskFixture>): void {
  describe(`ticket desk contract: ${name}`, () => {
    let fixture: DeskFixture;
    beforeEach(async () => {
      fixture = await make();
    });
    afterEach(async () => {
      await fixture.close();
    });

    it('delivers a change under its idempotency key and names the ticket', async () => {
      const ticket = await fixture.desk.deliver(exampleRequest());
      expect(ticket.key).not.toBe('');
      expect(await fixture.accepted()).toEqual(['ex-1:open:1']);
    });

    it('sends a repeated change under the same key, and names the same ticket', async () => {
      const first = await fixture.desk.deliver(exampleRequest());
      const second = await fixture.desk.deliver(exampleRequest());
      expect(second).toEqual(first);
      expect(new Set(await fixture.accepted())).toEqual(new Set(['ex-1:open:1']));
    });

    it.each(['open', 'update', 'resolve', 'reopen', 'escalate'] as const)('delivers %s', async (action) => {
      await fixture.desk.deliver(exampleRequest({ action, key: `ex-1:${action}` }));
      expect(await fixture.accepted()).toEqual([`ex-1:${action}`]);
    });

    it.each([400, 401, 403, 404, 410, 422])('takes %i as final', async (status) => {
      await fixture.refuseNext(status);
      await expectFailure(fixture.desk.deliver(exampleRequest()), 'rejected');
      expect(await fixture.accepted()).toEqual([]);
    });

    it.each([
      [408, 'timeout'],
      [409, 'conflict'],
      [425, 'unavailable'],
      [429, 'rate_limited'],
      [500, 'unavailable'],
      [503, 'unavailable'],
    ] as const)('takes %i as passing, and succeeds the next time', async (status, reason) => {
      await fixture.refuseNext(status);
      await expectFailure(fixture.desk.deliver(exampleRequest()), reason);
      await fixture.desk.deliver(exampleRequest());
      expect(await fixture.accepted()).toEqual(['ex-1:open:1']);
    });
  });
}
