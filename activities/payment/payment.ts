/** What every payment provider can do; amounts in minor units as strings. */
export interface PaymentProvider {
  /** Asks for the money. A decline is a result. Errors: ProviderUnavailable (try again), ProviderRefused. */
  authorize(request: {
    /** Our payment id. */
    reference: string;
    amountMinor: string;
    currency: string;
    token: string | null;
    idempotencyKey: string;
  }): Promise<{
    outcome: 'authorized' | 'declined' | 'challenged';
    reference?: string;
    declineCode?: string;
  }>;
  /** Takes a part of an authorization. */
  capture(request: {
    /** The provider's id of the authorization. */
    reference: string;
    amountMinor: string;
    currency: string;
    idempotencyKey: string;
  }): Promise<{ outcome: 'captured' | 'failed'; providerId?: string; failure?: string }>;
  /**
   * Lets go of what was never captured. Without a reference the authorization is looked up by the key
   * that asked for it; one that never came to be is nothing to void.
   */
  voidAuthorization(request: {
    reference: string | null;
    authorizeKey: string;
    idempotencyKey: string;
  }): Promise<void>;
  /** Gives captured money back. */
  refund(request: {
    reference: string;
    amountMinor: string;
    currency: string;
    idempotencyKey: string;
    note: string;
  }): Promise<{ status: 'succeeded' | 'failed'; providerId?: string; failure?: string }>;
}
