import { z } from 'zod';
import { Tags } from '../tags.ts';

/** Unity Catalog counts versions as JSON numbers; some answers carry them as text. */
const VersionNumber = z.union([z.number().int().nonnegative(), z.string().regex(/^\d+$/)]).transform(String);

/** `GET models/{full_name}?include_aliases=true`: only what is used. An empty list of aliases is left out by the server. */
export const ModelAnswer = z.object({
  full_name: z.string().nullish(),
  owner: z.string().nullish(),
  aliases: z.array(z.object({ alias_name: z.string(), version_num: VersionNumber })).nullish(),
});

/** `GET models/{full_name}/versions/{n}` and `GET models/{full_name}/aliases/{alias}`. */
export const VersionAnswer = z.object({ version: VersionNumber, status: z.string().nullish() });

/** The MLflow face: `registered-models/get` and `model-versions/get`, of which only the tags are used. */
export const ModelTagsAnswer = z.object({ registered_model: z.object({ tags: Tags }) });
export const VersionTagsAnswer = z.object({ model_version: z.object({ tags: Tags }) });
