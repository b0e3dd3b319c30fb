/** A message to a person; what it says follows from the template and its values. */
export interface Notice {
  /** De-duplicates at the receiver. */
  readonly messageId: string;
  readonly to: string;
  readonly template: string;
  readonly subject: string;
  readonly body: string;
}

/** Whoever brings mail to people. */
export interface NotifyProvider {
  /** Errors: ProviderUnavailable (send again), ProviderRefused (never will). */
  send(notice: Notice): Promise<void>;
}
