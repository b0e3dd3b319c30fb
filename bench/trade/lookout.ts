const EVERY_MS = 10;
const LONGEST_WAIT_MS = 120_000;

interface Waiting<Seen> {
  readonly since: number;
  readonly resolve: (seen: Seen) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Waits until `ask` answers something about an id. However many wait, one question is asked for all of
 * them, so that who looks on costs next to nothing. Rejects after two minutes, naming the id.
 */
export function lookout<Seen>(
  ask: (ids: readonly string[]) => Promise<readonly (readonly [id: string, seen: Seen])[]>,
): (id: string) => Promise<Seen> {
  const waiting = new Map<string, Waiting<Seen>>();
  let isLooking = false;

  const look = async (): Promise<void> => {
    isLooking = true;
    while (waiting.size > 0) {
      try {
        for (const [id, seen] of await ask([...waiting.keys()])) {
          waiting.get(id)?.resolve(seen);
          waiting.delete(id);
        }
      } catch (error) {
        for (const { reject } of waiting.values()) reject(error as Error);
        waiting.clear();
      }
      const late = [...waiting].find(
        ([, { since }]) => performance.now() - since > LONGEST_WAIT_MS,
      );
      if (late !== undefined) {
        late[1].reject(new Error(`${late[0]} did not come in ${LONGEST_WAIT_MS} ms`));
        waiting.delete(late[0]);
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    isLooking = false;
  };

  return (id) =>
    new Promise((resolve, reject) => {
      waiting.set(id, { since: performance.now(), resolve, reject });
      if (!isLooking) void look();
    });
}
