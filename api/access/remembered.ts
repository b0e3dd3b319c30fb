/** What a process knows is forgotten after so long even while it hears of every change. */
const KEPT_MS = 10_000;
const MOST_KEPT = 10_000;

/** Whether what was read can be believed for a while: somebody tells when it changes. */
export interface ChangeListener {
  isListening(): boolean;
  onChange(changed: () => void): void;
}

interface Kept<Value> {
  readonly value: Value;
  readonly atMs: number;
}

/**
 * Remembers what was found for a short time, so that a busy key or session does not cost a read with each
 * request. Every change forgets everything, and while nobody tells of changes nothing is kept at all. What
 * was not found is asked for again each time. Those who ask for the same thing at once share one read.
 */
export class Remembered<Value> {
  readonly #listener: ChangeListener;
  #kept = new Map<string, Kept<Value>>();
  #underWay = new Map<string, Promise<Value | null>>();

  constructor(listener: ChangeListener) {
    this.#listener = listener;
    listener.onChange(() => this.#forget());
  }

  /** What is remembered under `name` at a time, in ms, else what `read` finds. Errors: those of `read`. */
  async find(
    name: string,
    nowMs: number,
    read: () => Promise<Value | null>,
  ): Promise<Value | null> {
    const kept = this.#kept.get(name);
    if (kept !== undefined && isFresh(kept, nowMs) && this.#listener.isListening())
      return kept.value;
    this.#kept.delete(name);
    return this.#underWay.get(name) ?? this.#readOnce(name, nowMs, read);
  }

  /** Changes what is remembered under `name` for as long as it would have been; nothing where it is not. */
  replace(name: string, value: Value): void {
    const kept = this.#kept.get(name);
    if (kept !== undefined) this.#kept.set(name, { ...kept, value });
  }

  async #readOnce(
    name: string,
    nowMs: number,
    read: () => Promise<Value | null>,
  ): Promise<Value | null> {
    // A change that is told while the read is under way puts new maps in their place: what was read
    // before it is not kept behind it.
    const [kept, underWay] = [this.#kept, this.#underWay];
    const wasListening = this.#listener.isListening();
    const reading = read();
    underWay.set(name, reading);
    try {
      const value = await reading;
      if (value !== null && wasListening) {
        if (kept.size >= MOST_KEPT) kept.clear();
        kept.set(name, { value, atMs: nowMs });
      }
      return value;
    } finally {
      underWay.delete(name);
    }
  }

  #forget(): void {
    this.#kept = new Map();
    this.#underWay = new Map();
  }
}

/** A clock that was set back makes nothing last longer. */
function isFresh({ atMs }: { readonly atMs: number }, nowMs: number): boolean {
  return nowMs >= atMs && nowMs < atMs + KEPT_MS;
}
