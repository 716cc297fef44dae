import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Answer, type Call, failure, ok, parseJson, type Surroundings } from './answer.ts';
import { beginUpdate, sameDeployment } from './endpoint.ts';
import { readConfigBody } from './endpoint-body.ts';
import { type EndpointConfigState, type EndpointState, type StoredEntity, withEndpoint } from './state.ts';
import type { Role } from './tokens.ts';

/** `GET /api/2.0/serving-endpoints` */
export function listEndpoints(call: Call, { state }: Surroundings): Answer {
  return ok({ endpoints: Object.values(state.endpoints).map((endpoint) => view(endpoint, call.role)) });
}

/** `GET /api/2.0/serving-endpoints/{name}` */
export function getEndpoint(call: Call, { state }: Surroundings): Answer {
  const endpoint = state.endpoints[call.parts['name'] ?? ''];
  return endpoint === undefined ? noEndpoint(call) : ok(view(endpoint, call.role));
}

/** `PUT /api/2.0/serving-endpoints/{name}/config`: the whole configuration, refused while another update runs. */
export function putConfig(call: Call, { state, clocks, tokens }: Surroundings): Answer {
  const endpoint = state.endpoints[call.parts['name'] ?? ''];
  if (endpoint === undefined) return noEndpoint(call);
  const at = clocks.domain.now();
  const by = tokens.principals.find((one) => one.role === call.role)?.clientId ?? 'unknown';
  const refuse = (answer: Answer): Answer => ({ ...answer, state: withEndpoint(state, refused(endpoint)) });
  if (call.role !== 'actor') {
    return refuse(
      failure(403, 'PERMISSION_DENIED', `CAN_MANAGE on serving endpoint '${endpoint.name}' is required.`),
    );
  }
  if (endpoint.pending !== null) {
    return refuse(
      failure(
        409,
        'RESOURCE_CONFLICT',
        `Endpoint '${endpoint.name}' is currently updating. Try again later.`,
      ),
    );
  }
  const read = readConfigBody(parseJson(call.body), { state, endpoint, by, at });
  if ('problem' in read) return refuse(failure(400, 'INVALID_PARAMETER_VALUE', read.problem));
  const updating = beginUpdate(endpoint, read.wanted, { by, at });
  const counted = { ...updating, puts: { ...endpoint.puts, effective: endpoint.puts.effective + 1 } };
  return ok(view(counted, call.role), withEndpoint(state, counted));
}

const invocationSchema = z.union([
  z.object({ dataframe_records: z.array(z.unknown()) }).transform((body) => body.dataframe_records.length),
  z
    .object({ dataframe_split: z.object({ data: z.array(z.unknown()) }) })
    .transform((body) => body.dataframe_split.data.length),
]);

/** `POST /serving-endpoints/{name}/served-models/{entity}/invocations`: one plausible score per row, whatever the row says. */
export function invoke(call: Call, { state }: Surroundings): Answer {
  const endpoint = state.endpoints[call.parts['name'] ?? ''];
  if (endpoint === undefined) return noEndpoint(call);
  const entity = endpoint.config.served_entities.find((one) => one.name === call.parts['entity']);
  if (entity === undefined) {
    return failure(404, 'RESOURCE_DOES_NOT_EXIST', `No served entity '${call.parts['entity']}'.`);
  }
  const rows = invocationSchema.safeParse(parseJson(call.body));
  if (!rows.success) return failure(400, 'BAD_REQUEST', 'Send dataframe_records or dataframe_split.');
  return ok({
    predictions: Array.from({ length: rows.data }, () => 0.04 + Number(entity.entity_version) / 1000),
  });
}

function noEndpoint(call: Call): Answer {
  return failure(
    404,
    'RESOURCE_DOES_NOT_EXIST',
    `Endpoint with name '${call.parts['name']}' does not exist.`,
  );
}

function refused(endpoint: EndpointState): EndpointState {
  return { ...endpoint, puts: { ...endpoint.puts, refused: endpoint.puts.refused + 1 } };
}

/** The endpoint as a GET reports it: more than a PUT may say, and both names in every route. */
function view(endpoint: EndpointState, role: Role | null): unknown {
  const { pending } = endpoint;
  return {
    name: endpoint.name,
    id: endpoint.id,
    creator: endpoint.creator,
    creation_timestamp: endpoint.created,
    last_updated_timestamp: endpoint.updated,
    description: 'simulated',
    state: { ready: 'READY', config_update: endpoint.update },
    config: configView(endpoint, endpoint.config, 'DEPLOYMENT_READY'),
    ...(pending === null
      ? {}
      : {
          pending_config: {
            ...configView(endpoint, pending.config, 'DEPLOYMENT_CREATING'),
            start_time: pending.startedAt,
          },
        }),
    tags: Object.entries(endpoint.tags).map(([key, value]) => ({ key, value })),
    ai_gateway: { fallback_config: { enabled: endpoint.fallback } },
    permission_level: role === 'actor' ? 'CAN_MANAGE' : 'CAN_VIEW',
  };
}

function configView(endpoint: EndpointState, config: EndpointConfigState, fresh: string): object {
  const routes = Object.entries(config.routes).map(([name, share]) => ({
    served_model_name: name,
    served_entity_name: name,
    traffic_percentage: share,
  }));
  return {
    config_version: config.config_version,
    served_entities: config.served_entities.map((entity) => entityView(endpoint, entity, fresh)),
    traffic_config: { routes },
  };
}

function entityView(endpoint: EndpointState, entity: StoredEntity, fresh: string): object {
  const running = endpoint.config.served_entities.some((served) => sameDeployment(served, entity));
  const asleep = entity.scale_to_zero_enabled && (endpoint.config.routes[entity.name] ?? 0) === 0;
  return {
    id: createHash('sha256')
      .update(`${endpoint.id} ${entity.name} ${entity.entity_version}`)
      .digest('hex')
      .slice(0, 32),
    ...entity,
    state: {
      deployment: running ? 'DEPLOYMENT_READY' : fresh,
      deployment_state_message: running && asleep ? 'Scaled to zero' : '',
    },
  };
}
