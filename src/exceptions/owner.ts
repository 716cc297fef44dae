import type { Config, ModelConfig } from '../config/config.ts';
import type { ExceptionCase, RiskTier } from './exception.ts';

/** Who answers for a model, and where that person is reached. */
export interface ResolvedOwner {
  /** Key of `owners`, or what the registry tag says. */
  readonly name: string;
  readonly email: string | null;
  readonly desk: string | null;
  readonly tier: RiskTier;
  /** Null when the owner was found or may well be there; else why not, which is an exception of cause `owner`. */
  readonly problem: string | null;
  /** Whether the registry had to be asked and did not answer: then nothing is known, neither an owner nor that there is none. */
  readonly unread: boolean;
}

/** Tags of the registered model; null where the registry tells none, `unread` where it did not answer. */
export type OwnerTags = { readonly [key: string]: string } | null | 'unread';

/** Configuration first, then the registry tag `owner`, else `owners.default` with the reason why. */
export function resolveOwner(config: Config, model: ModelConfig, answer: OwnerTags): ResolvedOwner {
  const tags = answer === 'unread' ? null : answer;
  const tier = model.riskTier ?? tierOf(tags?.['risk_tier']) ?? 'high';
  const named = model.owner ?? tags?.['owner'] ?? null;
  if (named !== null)
    return { ...reach(config.owners, named), name: named, tier, problem: null, unread: false };
  const byDefault = { ...reach(config.owners, 'default'), name: 'default', tier };
  if (answer === 'unread') return { ...byDefault, problem: null, unread: true };
  const problem = `Model ${model.name} has no owner: neither models.${model.name}.owner nor the registry tag "owner" is set. Set one of them; until then owners.default is told.`;
  return { ...byDefault, problem, unread: false };
}

/**
 * Who hears of a model that was taken out of the configuration: whom its case was told to, else `owners.default`. What was
 * begun with the outside world needs somebody to end it, whether or not the model is still watched.
 */
export function ownerOfRemoved(
  config: Config,
  stored: Pick<ExceptionCase, 'owner' | 'desk'> | null,
): ResolvedOwner {
  const name = stored?.owner ?? 'default';
  const { email, desk } = reach(config.owners, name);
  return { name, email, desk: stored?.desk ?? desk, tier: 'high', problem: null, unread: false };
}

/** How a name is reached: as configured, else by itself when it is an address; and by the default desk where it has none of its own. */
export function reach(
  owners: Config['owners'],
  name: string,
): { readonly email: string | null; readonly desk: string | null } {
  const configured = owners[name];
  const fallback = owners['default'];
  if (configured !== undefined)
    return { email: configured.email, desk: configured.ticketDesk ?? fallback?.ticketDesk ?? null };
  return { email: name.includes('@') ? name : (fallback?.email ?? null), desk: fallback?.ticketDesk ?? null };
}

function tierOf(tag: string | undefined): RiskTier | null {
  return tag === 'high' || tag === 'medium' || tag === 'low' ? tag : null;
}

/** Owners whose exceptions reach no desk at all: they are on the pages and in the API, and nobody is sent anything. */
export function ownersWithoutDesk({ owners }: Pick<Config, 'owners'>): readonly string[] {
  if ((owners['default']?.ticketDesk ?? null) !== null) return [];
  return Object.keys(owners).filter((name) => owners[name]?.ticketDesk === null);
}
