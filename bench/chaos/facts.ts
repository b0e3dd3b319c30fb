/** What callers asked Loopline for, and what it told them that it had taken in. */

export type FactKind =
  | 'order'
  | 'changed order'
  | 'cancellation'
  | 'return'
  | 'receipt'
  | 'hold'
  | 'hold given back'
  | 'adjustment'
  | 'finance entry'
  | 'purchase order'
  | 'replenishment'
  | 'decision'
  | 'resolution';

/** A promise of Loopline's: it said that this is stored. */
export interface Acknowledged {
  /** The caller's own name of it. */
  readonly key: string;
  /** Loopline's name of it; null where it has none. */
  readonly id: string | null;
  /** What has to be in the ledger beside it, such as an amount; null where nothing else is compared. */
  readonly detail: string | null;
}

export interface FactBook {
  /** Before it is sent: whatever is in the ledger and was never asked for is a difference. */
  asked(kind: FactKind, key: string): void;
  acknowledged(kind: FactKind, fact: Acknowledged): void;
  refused(kind: FactKind, status: number): void;
  /** An answer that no caller may get. */
  contradiction(line: string): void;
  readonly askedKeys: ReadonlyMap<FactKind, ReadonlySet<string>>;
  readonly promises: ReadonlyMap<FactKind, ReadonlyMap<string, Acknowledged>>;
  /** `<kind> <status>` and how often. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Two answers to the same request that say different things. */
  readonly contradictions: readonly string[];
}

export function factBook(): FactBook {
  const askedKeys = new Map<FactKind, Set<string>>();
  const promises = new Map<FactKind, Map<string, Acknowledged>>();
  const refusals = new Map<string, number>();
  const contradictions: string[] = [];
  return {
    askedKeys,
    promises,
    refusals,
    contradictions,
    asked(kind, key) {
      const keys = askedKeys.get(kind) ?? new Set();
      askedKeys.set(kind, keys.add(key));
    },
    acknowledged(kind, fact) {
      const known = promises.get(kind) ?? new Map<string, Acknowledged>();
      const first = known.get(fact.key);
      if (first !== undefined && (first.id !== fact.id || first.detail !== fact.detail)) {
        contradictions.push(`${kind} ${fact.key}: ${JSON.stringify([first, fact])}`);
      }
      promises.set(kind, known.set(fact.key, first ?? fact));
    },
    refused(kind, status) {
      const name = `${kind} ${status}`;
      refusals.set(name, (refusals.get(name) ?? 0) + 1);
    },
    contradiction(line) {
      contradictions.push(line);
    },
  };
}

/** How many promises were given. */
export function countPromises({ promises }: FactBook): number {
  return [...promises.values()].reduce((sum, ofKind) => sum + ofKind.size, 0);
}
