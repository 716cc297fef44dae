/** The port to what serves models. Every method throws RemoteError; none of them retries a write. */
export interface Serving {
  /** The endpoint as it is now. Throws `not_found` when there is none. */
  endpoint(name: string): Promise<Endpoint>;
  /**
   * Sets the traffic percentage per served entity, sending everything else of the configuration back as the server
   * would accept it. Throws `conflict` while another update runs. A thrown `timeout` or `network` may have been applied.
   */
  shift(
    endpoint: Endpoint,
    routes: { readonly [entity: string]: number },
    changes?: EntityChanges,
  ): Promise<void>;
  /**
   * Sends a request (JSON text) to one entity's own path, whatever traffic it has. Resolves when it answered with
   * predictions. Absent where there is no such path.
   */
  smoke?(endpoint: Endpoint, entity: string, payload: string): Promise<void>;
}

/** What an update does to the entities of an endpoint; what is absent stays as it is. */
export interface EntityChanges {
  /** Entities that leave. */
  readonly removes?: readonly string[];
  /** An entity that is deployed first: the old configuration serves until it is ready. */
  readonly adds?: AddedEntity;
}

/** An entity of the same registered model and with all the settings of another one of the endpoint, but for the version. */
export interface AddedEntity {
  readonly name: string;
  readonly version: string;
  /** Name of the entity whose settings it gets. */
  readonly like: string;
}

export interface Endpoint {
  readonly name: string;
  readonly ready: boolean;
  readonly update: 'none' | 'in_progress' | 'failed' | 'canceled';
  /** Whether a configuration waits to become active. */
  readonly pending: boolean;
  readonly configVersion: number | null;
  readonly creator: string | null;
  /** Whether requests that fail are sent on to other entities, those without traffic included. Absent: they are not. */
  readonly fallback?: boolean;
  readonly entities: readonly ServedEntity[];
  /** Percentage of traffic per served entity, 0 to 100. */
  readonly routes: { readonly [entity: string]: number };
  /** The answer as it came, from which `shift` makes its body. */
  readonly raw: unknown;
}

export interface ServedEntity {
  readonly name: string;
  readonly model: string;
  readonly version: string;
  readonly ready: boolean;
  /** Running, as opposed to scaled to zero. */
  readonly warm: boolean;
  readonly id: string | null;
}
