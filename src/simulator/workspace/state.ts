import { z } from 'zod';

/**
 * Everything the simulated workspace knows, as one JSON document. Objects that the real API speaks of are held in its own
 * words (snake case), so that what is stored is what is answered. Times are milliseconds of domain time.
 */

const time = z.number().int();
const tags = z.record(z.string(), z.string());

const servedEntitySchema = z
  .object({
    name: z.string(),
    entity_name: z.string(),
    entity_version: z.string(),
    workload_size: z.string().optional(),
    min_provisioned_concurrency: z.number().int().optional(),
    max_provisioned_concurrency: z.number().int().optional(),
    workload_type: z.string(),
    scale_to_zero_enabled: z.boolean(),
    environment_vars: tags.optional(),
    instance_profile_arn: z.string().optional(),
    creator: z.string(),
    creation_timestamp: time,
  })
  .readonly();
export type StoredEntity = z.infer<typeof servedEntitySchema>;

const endpointConfigSchema = z
  .object({
    config_version: z.number().int(),
    served_entities: z.array(servedEntitySchema).readonly(),
    /** Percentage per served entity. */
    routes: z.record(z.string(), z.number()).readonly(),
  })
  .readonly();
export type EndpointConfigState = z.infer<typeof endpointConfigSchema>;

/** From `at` on, this share of the requests went to each model version. */
const trafficSchema = z.object({ at: time, shares: z.record(z.string(), z.number()).readonly() }).readonly();
export type Traffic = z.infer<typeof trafficSchema>;

const updateSchema = z
  .object({ config: endpointConfigSchema, by: z.string(), startedAt: time, activeAt: time })
  .readonly();

const endpointSchema = z
  .object({
    name: z.string(),
    id: z.string(),
    creator: z.string(),
    created: time,
    updated: time,
    tags,
    fallback: z.boolean(),
    config: endpointConfigSchema,
    pending: updateSchema.nullable(),
    update: z.enum(['NOT_UPDATING', 'IN_PROGRESS', 'UPDATE_FAILED']),
    /** Why the next update shall fail, for tests of trouble; null lets it succeed. */
    nextUpdateFails: z.boolean(),
    /** Seconds until an update is active: where only routes change, and where something is deployed. */
    seconds: z.object({ routes: z.number(), deploy: z.number() }).readonly(),
    traffic: z.array(trafficSchema).readonly(),
    /** Writes over HTTP, told apart: accepted ones, and refused ones (busy, invalid, forbidden). */
    puts: z.object({ effective: z.number().int(), refused: z.number().int() }).readonly(),
  })
  .readonly();
export type EndpointState = z.infer<typeof endpointSchema>;

const versionSchema = z
  .object({
    version: z.number().int(),
    status: z.string(),
    created: time,
    createdBy: z.string(),
    runId: z.string(),
    tags,
  })
  .readonly();

const modelSchema = z
  .object({
    name: z.string(),
    owner: z.string(),
    created: time,
    tags,
    aliases: z.record(z.string(), z.number().int()).readonly(),
    versions: z.array(versionSchema).readonly(),
    /** Alias writes over HTTP that were carried out. */
    aliasPuts: z.number().int(),
  })
  .readonly();
export type ModelState = z.infer<typeof modelSchema>;
export type VersionState = z.infer<typeof versionSchema>;

const deliverySchema = z
  .object({
    key: z.string(),
    ticket: z.string(),
    action: z.string(),
    at: time,
    bodyHash: z.string(),
    /** How often the same key came again. */
    duplicates: z.number().int(),
  })
  .readonly();
export type Delivery = z.infer<typeof deliverySchema>;

const ticketSchema = z
  .object({
    key: z.string(),
    /** Identifier of driftwarden's exception. */
    exception: z.string(),
    title: z.string(),
    state: z.enum(['open', 'resolved']),
    openedAt: time,
    resolvedAt: time.nullable(),
    deliveries: z.array(deliverySchema).readonly(),
  })
  .readonly();
export type Ticket = z.infer<typeof ticketSchema>;

export const workspaceStateSchema = z
  .object({
    format: z.literal(1),
    simulated: z.literal(true),
    models: z.record(z.string(), modelSchema).readonly(),
    endpoints: z.record(z.string(), endpointSchema).readonly(),
    users: z
      .array(z.object({ id: z.string(), userName: z.string(), active: z.boolean() }).readonly())
      .readonly(),
    groups: z
      .array(z.object({ id: z.string(), displayName: z.string(), members: z.array(z.string()) }).readonly())
      .readonly(),
    tickets: z.array(ticketSchema).readonly(),
    /** Names of the one-time changes that people made (see `perform`), with their times. */
    performed: z.record(z.string(), time).readonly(),
  })
  .readonly();
export type WorkspaceState = z.infer<typeof workspaceStateSchema>;

/** A copy of the state in which one endpoint is another. */
export function withEndpoint(state: WorkspaceState, endpoint: EndpointState): WorkspaceState {
  return { ...state, endpoints: { ...state.endpoints, [endpoint.name]: endpoint } };
}

export function withModel(state: WorkspaceState, model: ModelState): WorkspaceState {
  return { ...state, models: { ...state.models, [model.name]: model } };
}
