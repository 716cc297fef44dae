import type { Action } from '../access.ts';
import type { WebDeps } from '../deps.ts';
import { claimOf, json, postRoute, type Route } from '../route.ts';
import { ACCEPT_RISK, CLAIM, CLAIM_WITH_REASON, EVALUATE, KILL_SWITCH, RELEASE, SILENCE } from './bodies.ts';
import { baselineView, exceptionView, holdView, rollbackView } from './views.ts';

/** Everything that a person can ask the program to do; the commands call the same operations. */
export function writeRoutes(deps: WebDeps): readonly Route[] {
  return [
    ...modelWrites(deps),
    ...baselineWrites(deps),
    ...rollbackWrites(deps),
    ...brakeWrites(deps),
    ...exceptionWrites(deps),
  ];
}

function modelWrites({ operations }: WebDeps): readonly Route[] {
  return [
    postRoute({
      path: '/api/v1/models/{model}/evaluate',
      summary: 'Evaluate the newest closed window now, or the one that ends at windowEnd, and act on it',
      access: 'evaluate',
      body: EVALUATE,
      answer: { kind: 'json', schema: 'Evaluation', key: null, list: false },
      handle: async ({ params, body }) =>
        json(await operations.evaluate(params['model'] ?? '', body.windowEnd ?? null)),
    }),
  ];
}

function baselineWrites({ operations }: WebDeps): readonly Route[] {
  const answer = { kind: 'json', schema: 'Baseline', key: 'baseline', list: false } as const;
  return [
    postRoute({
      path: '/api/v1/models/{model}/baselines',
      summary: 'Freeze a new baseline of the model, as a draft',
      access: 'freezeBaseline',
      body: CLAIM,
      answer,
      handle: async ({ params, body, caller }) =>
        json({
          baseline: baselineView(
            await operations.freezeBaseline(params['model'] ?? '', claimOf(caller, body)),
          ),
        }),
    }),
    postRoute({
      path: '/api/v1/baselines/{id}/approve',
      summary: 'Approve a baseline',
      access: 'approveBaseline',
      body: CLAIM_WITH_REASON,
      answer,
      handle: async ({ params, body, caller }) =>
        json({
          baseline: baselineView(await operations.approveBaseline(params['id'] ?? '', claimOf(caller, body))),
        }),
    }),
  ];
}

function rollbackWrites({ operations }: WebDeps): readonly Route[] {
  const answer = { kind: 'json', schema: 'Rollback', key: 'rollback', list: false } as const;
  return [
    postRoute({
      path: '/api/v1/models/{model}/rollbacks',
      summary: 'Put the champion back, asked for by a person',
      access: 'applyRollback',
      body: CLAIM_WITH_REASON,
      answer,
      handle: async ({ params, body, caller }) =>
        json({
          rollback: rollbackView(
            await operations.applyRollback(params['model'] ?? '', claimOf(caller, body)),
          ),
        }),
    }),
    postRoute({
      path: '/api/v1/rollbacks/{id}/approve',
      summary: 'Approve a planned rollback',
      access: 'approveRollback',
      body: CLAIM,
      answer,
      handle: async ({ params, body, caller }) =>
        json({
          rollback: rollbackView(await operations.approveRollback(params['id'] ?? '', claimOf(caller, body))),
        }),
    }),
    postRoute({
      path: '/api/v1/models/{model}/release',
      summary: 'Lift the hold on a version that was rolled back',
      access: 'release',
      body: RELEASE,
      answer: { kind: 'json', schema: 'Hold', key: 'hold', list: false },
      handle: async ({ params, body, caller }) => {
        const claim = claimOf(caller, body);
        const hold = await operations.release({
          model: params['model'] ?? '',
          version: body.version,
          claim,
        });
        return json({ hold: holdView(hold) });
      },
    }),
  ];
}

function brakeWrites({ operations }: WebDeps): readonly Route[] {
  return [
    postRoute({
      path: '/api/v1/silences',
      summary: 'Hold every rollback of a model until a time, or lift that',
      access: 'silence',
      body: SILENCE,
      answer: { kind: 'json', schema: 'Silence', key: 'silence', list: false },
      handle: async ({ body, caller }) => {
        const { model, until } = body;
        return json({ silence: await operations.silence({ model, until, claim: claimOf(caller, body) }) });
      },
    }),
    postRoute({
      path: '/api/v1/kill-switch',
      summary: 'Turn the kill switch: while it is on, nothing outside is changed',
      access: 'killSwitch',
      body: KILL_SWITCH,
      answer: { kind: 'json', schema: 'KillSwitch', key: 'killSwitch', list: false },
      handle: async ({ body, caller }) =>
        json({ killSwitch: await operations.setKillSwitch(body.on, claimOf(caller, body)) }),
    }),
  ];
}

function exceptionWrites({ operations }: WebDeps): readonly Route[] {
  const route = (verb: 'ack' | 'resolve', access: Action, summary: string): Route =>
    postRoute({
      path: `/api/v1/exceptions/{id}/${verb}`,
      summary,
      access,
      body: verb === 'ack' ? CLAIM : CLAIM_WITH_REASON,
      answer: { kind: 'json', schema: 'Exception', key: 'exception', list: false },
      handle: async ({ params, body, caller }) => {
        const claim = claimOf(caller, body);
        const id = params['id'] ?? '';
        const changed = await (verb === 'ack'
          ? operations.acknowledge(id, claim)
          : operations.resolve(id, claim));
        return json({ exception: exceptionView(changed) });
      },
    });
  return [
    route('ack', 'acknowledge', 'Say that somebody is working on it'),
    route('resolve', 'resolve', 'Close a case'),
    postRoute({
      path: '/api/v1/exceptions/{id}/accept-risk',
      summary: 'Accept the risk until a date',
      access: 'acceptRisk',
      body: ACCEPT_RISK,
      answer: { kind: 'json', schema: 'Exception', key: 'exception', list: false },
      handle: async ({ params, body, caller }) => {
        const claim = claimOf(caller, body);
        const request = { exception: params['id'] ?? '', until: body.until, claim };
        return json({ exception: exceptionView(await operations.acceptRisk(request)) });
      },
    }),
  ];
}
