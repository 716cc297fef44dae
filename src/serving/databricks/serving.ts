import { jsonBody, type RemoteCall, type RemoteClient, segment } from '../../remote/call.ts';
import { badAnswer, fit } from '../../remote/parse.ts';
import { noActor, refuse } from '../../remote/refuse.ts';
import { whyNotRoutable } from '../routable.ts';
import type { Endpoint, Serving } from '../serving.ts';
import { endpointFrom } from './endpoint.ts';
import { EndpointAnswer, InvocationAnswer } from './schema.ts';
import { updateBody } from './update.ts';

const ENDPOINTS = '/api/2.0/serving-endpoints';

export interface DatabricksServingOptions {
  readonly reader: RemoteClient;
  /** Null: no traffic can be moved. */
  readonly actor: RemoteClient | null;
}

/** Databricks Model Serving. Reads need CAN VIEW on the endpoint, moving traffic CAN MANAGE. Source: the vendor's REST reference. */
export function createDatabricksServing({ reader, actor }: DatabricksServingOptions): Serving {
  return {
    async endpoint(name) {
      const call: RemoteCall = {
        method: 'GET',
        path: `${ENDPOINTS}/${segment(name)}`,
        place: `reading endpoint ${name}`,
        remedy(reason) {
          if (reason === 'forbidden') return `give the reader CAN VIEW on endpoint ${name}`;
          return reason === 'not_found'
            ? `check that an endpoint named ${name} exists in the workspace`
            : null;
        },
      };
      const raw = await reader.request(call);
      const answer = fit(EndpointAnswer, raw, { client: reader, place: call.place });
      if (answer.name !== name) throw badAnswer(reader, call.place, 'is about another endpoint');
      const endpoint = endpointFrom(answer, raw);
      if ('untrue' in endpoint) throw badAnswer(reader, call.place, endpoint.untrue);
      return endpoint;
    },
    async shift(endpoint, routes, changes = {}) {
      const place = `moving traffic of endpoint ${endpoint.name}`;
      if (actor === null) throw noActor(place);
      const why = whyNotRoutable(endpoint, routes, changes);
      if (why !== null) throw refuse(place, why, 'make the plan anew from the endpoint as it is now');
      const answer = fit(EndpointAnswer, endpoint.raw, { client: reader, place });
      await actor.request({
        method: 'PUT',
        path: `${ENDPOINTS}/${segment(endpoint.name)}/config`,
        body: jsonBody(updateBody(answer, routes, changes)),
        place,
        remedy: (reason) => shiftRemedy(endpoint, reason),
      });
    },
    async smoke(endpoint, entity, payload) {
      const place = `asking ${entity} of endpoint ${endpoint.name}`;
      if (actor === null) throw noActor(place);
      const answer = await actor.request({
        method: 'POST',
        path: `/serving-endpoints/${segment(endpoint.name)}/served-models/${segment(entity)}/invocations`,
        body: { type: 'application/json', text: payload },
        place,
        remedy: (reason) =>
          reason === 'forbidden' ? `give the actor CAN QUERY on endpoint ${endpoint.name}` : null,
      });
      const found = InvocationAnswer.safeParse(answer);
      if (!found.success) throw badAnswer(actor, place, 'holds no predictions, or an empty one');
    },
  };
}

function shiftRemedy(endpoint: Endpoint, reason: string): string | null {
  if (reason === 'forbidden')
    return `give the actor CAN MANAGE on endpoint ${endpoint.name}, and EXECUTE on its models`;
  if (reason === 'conflict') return `wait until the running update of endpoint ${endpoint.name} has ended`;
  return null;
}
