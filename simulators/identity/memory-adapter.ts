import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Kept {
  readonly payload: AdapterPayload;
  /** Milliseconds of the monotonic clock; Infinity for what does not expire. */
  readonly until: number;
}

/** What the provider keeps, by kind and id. Gone with the process, and so is every login. */
export type IdentityStore = Map<string, Kept>;

/** More than any test or sample shop has under way; the oldest go first. */
const MOST_KEPT = 10_000;

/** Keeps one kind of thing of the provider in memory. */
export class MemoryAdapter implements Adapter {
  readonly #kind: string;
  readonly #store: IdentityStore;

  constructor(kind: string, store: IdentityStore) {
    this.#kind = kind;
    this.#store = store;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const until = expiresIn === undefined ? Infinity : performance.now() + expiresIn * 1_000;
    this.#store.set(this.#key(id), { payload, until });
    for (const key of this.#store.keys()) {
      if (this.#store.size <= MOST_KEPT) break;
      this.#store.delete(key);
    }
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#read(this.#key(id));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#search((payload) => payload.uid === uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#search((payload) => payload.userCode === userCode);
  }

  async consume(id: string): Promise<void> {
    const kept = this.#store.get(this.#key(id));
    if (kept === undefined) return;
    const consumed = Math.floor(Date.now() / 1_000);
    this.#store.set(this.#key(id), { ...kept, payload: { ...kept.payload, consumed } });
  }

  async destroy(id: string): Promise<void> {
    this.#store.delete(this.#key(id));
  }

  /** A grant that is revoked takes with it whatever was issued under it. */
  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, { payload }] of this.#store) {
      if (payload.grantId === grantId) this.#store.delete(key);
    }
  }

  #key(id: string): string {
    return `${this.#kind}:${id}`;
  }

  #read(key: string): AdapterPayload | undefined {
    const kept = this.#store.get(key);
    if (kept === undefined || kept.until > performance.now()) return kept?.payload;
    this.#store.delete(key);
    return undefined;
  }

  #search(fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, { payload }] of this.#store) {
      if (key.startsWith(`${this.#kind}:`) && fits(payload)) return this.#read(key);
    }
    return undefined;
  }
}
