import { z } from 'zod';

// Only what is used is held to a shape; the rest of an entity travels through `raw` and is picked field by field.
const ServedEntity = z.looseObject({
  name: z.string().min(1),
  id: z.string().nullish(),
  entity_name: z.string().nullish(),
  entity_version: z.string().nullish(),
  // The older name of the same two fields, in `served_models`.
  model_name: z.string().nullish(),
  model_version: z.string().nullish(),
  state: z
    .object({ deployment: z.string().nullish(), deployment_state_message: z.string().nullish() })
    .nullish(),
});
export type ServedEntityAnswer = z.infer<typeof ServedEntity>;

const Route = z.object({
  served_entity_name: z.string().nullish(),
  served_model_name: z.string().nullish(),
  traffic_percentage: z.number().int().min(0).max(100).nullish(),
});
export type RouteAnswer = z.infer<typeof Route>;

const Config = z.object({
  config_version: z.number().int().nullish(),
  served_entities: z.array(ServedEntity).nullish(),
  served_models: z.array(ServedEntity).nullish(),
  traffic_config: z.object({ routes: z.array(Route).nullish() }).nullish(),
  auto_capture_config: z
    .object({
      enabled: z.boolean().nullish(),
      catalog_name: z.string().nullish(),
      schema_name: z.string().nullish(),
      table_name_prefix: z.string().nullish(),
    })
    .nullish(),
});
export type ConfigAnswer = z.infer<typeof Config>;

/** `GET /api/2.0/serving-endpoints/{name}`. `config` is missing while a new endpoint is made for the first time. */
export const EndpointAnswer = z.object({
  name: z.string(),
  creator: z.string().nullish(),
  state: z.object({
    ready: z.string(),
    // Both names are found in the vendor's documents for the same field.
    config_update: z.string().nullish(),
    update_state: z.string().nullish(),
  }),
  config: Config.nullish(),
  ai_gateway: z.object({ fallback_config: z.object({ enabled: z.boolean().nullish() }).nullish() }).nullish(),
  pending_config: z.looseObject({}).nullish(),
});
export type EndpointAnswer = z.infer<typeof EndpointAnswer>;

/** Entities under either name; an endpoint made long ago has them as `served_models` only. */
export function entitiesOf(config: ConfigAnswer | null | undefined): readonly ServedEntityAnswer[] {
  return config?.served_entities ?? config?.served_models ?? [];
}

/** The entity a route leads to, or null when it names none or two different ones. */
export function entityOfRoute(route: RouteAnswer): string | null {
  const names = new Set([route.served_entity_name ?? '', route.served_model_name ?? '']);
  names.delete('');
  const [name] = names;
  return names.size === 1 ? (name ?? null) : null;
}

/** What a model answers to a request. A null among the predictions means that it could not score the payload. */
export const InvocationAnswer = z.looseObject({
  predictions: z
    .union([z.array(z.unknown()).min(1), z.record(z.string(), z.unknown())])
    .refine((predictions) => {
      const values = Object.values(predictions);
      return values.length > 0 && values.every((value) => value !== null);
    }),
});
