/** Who acts, for the audit trail: what every request that changes something carries as `by`. */
export interface By {
  /** The id of a person, a key or a process. */
  readonly actor: string;
  /** The person for whom a delegate acts. */
  readonly onBehalfOf?: string | undefined;
  /** The id of the key or of the session, never its secret. */
  readonly credential?: string | undefined;
  readonly requestId?: string | undefined;
  readonly sourceAddress?: string | undefined;
  /** What has to lie within whose reach: the ledger asks once more when the act is done, under its locks. */
  readonly within?: ActReach | undefined;
}

/** What an act is about, and the reach of whoever acts; what is left out restricts nothing. */
export interface ActReach {
  readonly subjects: readonly { readonly kind: string; readonly id: string }[];
  readonly nodes?: readonly string[];
  readonly channels?: readonly string[];
  readonly regions?: readonly string[];
  /** Minor units of the base currency. */
  readonly limitMinor?: string;
}
