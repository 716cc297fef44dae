/** The port to a model registry. Every method throws RemoteError; none of them retries a write. */
export interface Registry {
  /** The model with its aliases and, where the registry tells them, its tags and owner. Throws `not_found` when there is none. */
  model(name: string): Promise<RegisteredModel>;
  /** One version, or null when it does not exist. */
  version(name: string, version: string): Promise<ModelVersion | null>;
  /** Points the alias at the version, whatever it pointed at before. The registry offers no condition: read before and after. */
  setAlias(name: string, alias: string, version: string): Promise<void>;
}

export interface RegisteredModel {
  readonly name: string;
  readonly owner: string | null;
  /** Null when the registry does not tell tags to this principal. */
  readonly tags: { readonly [key: string]: string } | null;
  /** Alias to version. */
  readonly aliases: { readonly [alias: string]: string };
}

export interface ModelVersion {
  readonly version: string;
  readonly ready: boolean;
  /** The registry's own status word. */
  readonly status: string;
  readonly tags: { readonly [key: string]: string } | null;
}
