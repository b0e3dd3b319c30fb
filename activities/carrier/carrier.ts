/** What every parcel carrier can do. */
export interface CarrierProvider {
  /** Buys one label. Errors: ProviderUnavailable, RateLimited (try again with the same key), ProviderRefused. */
  buyLabel(request: {
    /** Our id of what travels. */
    reference: string;
    direction: 'outbound' | 'return';
    /** ISO 3166 alpha-2. */
    fromCountry: string;
    toCountry: string;
    idempotencyKey: string;
  }): Promise<{ labelId: string; trackingNumber: string; labelUrl: string }>;
}
