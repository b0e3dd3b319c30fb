/** A page of a list, newest first unless the list says otherwise; `nextCursor` null at the end. */
export interface Page<Item> {
  readonly data: Item[];
  readonly nextCursor: string | null;
}

/** How much of a list, and from where; `limit` 1 to 200. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
