import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';

/**
 * Whose rights have changed: a person's (id `person:…`), a key's (its id) or a session's (its digest); or
 * `everything`, after a time in which nothing could be heard.
 */
export type AccessChange =
  | { readonly what: 'person' | 'key' | 'session'; readonly id: string }
  | { readonly what: 'everything' };

/** An ear for changes of people, keys and sessions. */
export interface AccessListener {
  /** Whether a change that is committed now would be heard; false while there is no connection. */
  isListening(): boolean;
  /** Calls `changed` with each change as soon as it is committed, and with `everything` on each new connection. */
  onChange(changed: (change: AccessChange) => void): void;
  close(): Promise<void>;
}

const CHANNEL = 'loopline_access';
const RECONNECT_MS = 250;

/**
 * Listens for changes, so that whoever keeps people, keys or sessions in memory drops them at once. `url` is
 * the application's role. It has one connection of its own and looks for another when that is lost: the
 * driver's own listening gives up when the server is away for longer.
 */
export function hearAccessChanges(url: string): AccessListener {
  const ears: ((change: AccessChange) => void)[] = [];
  const closing = new AbortController();
  let listening = false;
  let lose: (() => void) | undefined;
  const tell = (change: AccessChange) => {
    for (const changed of ears) changed(change);
  };
  const options = {
    max: 1,
    connect_timeout: 5,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: () => undefined,
    fetch_types: false,
    connection: { application_name: 'loopline-access' },
    // The driver hands every notification to this; its types do not know it.
    onnotify: (channel: string, text: string) => {
      if (channel === CHANNEL) tell(changeIn(text));
    },
    onclose: () => {
      listening = false;
      lose?.();
    },
  };
  const sql = postgres(url, options);

  const listen = async () => {
    while (!closing.signal.aborted) {
      const lost = new Promise<void>((resolve) => {
        lose = resolve;
      });
      try {
        await sql.unsafe(`listen ${CHANNEL}`);
        listening = true;
        tell({ what: 'everything' });
        await lost;
      } catch {
        // There is no server to listen to: nothing is believed until there is.
        listening = false;
      }
      await pause(RECONNECT_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };
  const done = listen();
  return {
    isListening: () => listening,
    onChange: (changed) => {
      ears.push(changed);
    },
    close: async () => {
      closing.abort();
      listening = false;
      lose?.();
      await sql.end({ timeout: 5 });
      await done;
    },
  };
}

function changeIn(text: string): AccessChange {
  if (text.startsWith('person:')) return { what: 'person', id: text };
  const [what, id = ''] = text.split(':', 2);
  return what === 'key' || what === 'session' ? { what, id } : { what: 'everything' };
}
