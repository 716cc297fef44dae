import type { Limits } from './config.ts';
import { DEFAULTS, DEFAULTS_WHEN_GIVEN } from './defaults.ts';
import type { ModelInput } from './schema-model.ts';

type DriftInput = NonNullable<ModelInput['drift']>;
type Half = { readonly warn?: number | undefined; readonly breach?: number | undefined };

/** The PSI limits of a model; a half that is not given is the default's. */
export function psiLimits(drift: DriftInput | undefined): Limits {
  return withHalves(drift?.psi, DEFAULTS.models['*'].drift.psi);
}

/** The KS limits of a model, or null when KS is measured and shown, not judged. */
export function ksLimits(drift: DriftInput | undefined): Limits | null {
  return drift?.ks === undefined ? null : withHalves(drift.ks, DEFAULTS_WHEN_GIVEN.models['*'].drift.ks);
}

/** Limits a feature has of its own, a half that is not given being the model's, else the default's; null where it has none. */
export function featureLimits(
  drift: DriftInput | undefined,
  feature: string,
): { readonly psi: Limits | null; readonly ks: Limits | null } {
  const own = drift?.features?.[feature];
  const ksBelow = ksLimits(drift) ?? DEFAULTS_WHEN_GIVEN.models['*'].drift.ks;
  return {
    psi: own?.psi === undefined ? null : withHalves(own.psi, psiLimits(drift)),
    ks: own?.ks === undefined ? null : withHalves(own.ks, ksBelow),
  };
}

function withHalves(given: Half | undefined, below: Limits): Limits {
  return { warn: given?.warn ?? below.warn, breach: given?.breach ?? below.breach };
}
