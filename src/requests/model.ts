import type { Config, ModelConfig } from '../config/config.ts';
import { NotFound } from '../operations.ts';

export function configuredModel(config: Config, name: string): ModelConfig {
  const model = Object.hasOwn(config.models, name) ? config.models[name] : undefined;
  if (model === undefined) {
    throw new NotFound(
      `There is no model "${name}" in ${config.path}. It has: ${Object.keys(config.models).join(', ')}.`,
    );
  }
  return model;
}
