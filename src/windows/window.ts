/** A half-open interval of event time `[start, end)`; milliseconds since 1970-01-01T00:00Z. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** How long the windows of a model are: a fixed length in milliseconds, or a calendar month or quarter (UTC). */
export type WindowLength =
  | { readonly kind: 'fixed'; readonly milliseconds: number }
  | { readonly kind: 'calendar'; readonly unit: 'month' | 'quarter' };
