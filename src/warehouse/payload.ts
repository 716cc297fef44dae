/** Tables in which an endpoint logs requests and responses as JSON. */
export const PAYLOAD_LAYOUTS = ['ai-gateway', 'legacy'] as const;
export type PayloadLayout = (typeof PAYLOAD_LAYOUTS)[number];

/** How the rows of a source are taken out of logged requests. */
export interface Payload {
  readonly layout: PayloadLayout;
  /** The column that is taken from the response; every other one is taken from the request. Null: none is. */
  readonly prediction: string | null;
  /** Which version each served entity is. Rows of another entity have the version that {@link unmappedVersion} names. */
  readonly entities: { readonly [entity: string]: string };
}

const UNMAPPED = 'entity ';

/** What stands for the version of a row whose served entity nobody knows any more. */
export function unmappedVersion(entity: string): string {
  return `${UNMAPPED}${entity}`;
}

/** The served entity behind such a name; null for a version. Versions have no spaces in their names. */
export function unmappedEntity(version: string | null): string | null {
  return version?.startsWith(UNMAPPED) === true ? version.slice(UNMAPPED.length) : null;
}

/**
 * A weight of one. Weights are whole numbers of it, so that sums are exact and in no order of the rows another; it is the smallest number that
 * one to sixteen divide, so that a half or a third of it is exact too.
 */
export const UNIT = 720_720;
