/**
 * What of a list lies within somebody's reach: of each place that is named, one has to fit. What is left out
 * filters nothing, an empty array leaves nothing.
 */
export interface Within {
  readonly nodes?: readonly string[] | undefined;
  readonly channels?: readonly string[] | undefined;
  /** Countries, ISO 3166 codes of two letters. */
  readonly regions?: readonly string[] | undefined;
}
