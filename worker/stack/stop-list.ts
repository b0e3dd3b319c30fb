import { errorText, type StackLog } from './processes.ts';

/** Something that was started and can be stopped; stopping it again does nothing. */
export type Part = {
  readonly name: string;
  /** Its end is not worth a line. */
  readonly quiet?: boolean;
  stop(options?: { readonly force?: boolean }): Promise<void>;
};

/** What has been started so far, to be stopped in the opposite order. */
export type StopList = {
  add(part: Part): void;
  /** Last started first, one after the other; a part that fails does not keep the others up. */
  stop(options?: { readonly force?: boolean }): Promise<void>;
};

/** An empty list; each part that is stopped is named in the log, and so is what went wrong. */
export function createStopList(log: StackLog): StopList {
  const parts: Part[] = [];
  return {
    add: (part) => {
      parts.push(part);
    },
    stop: async (options) => {
      // A part leaves the list only once it has stopped, so that a forced stop sees it as well.
      for (let part = parts.at(-1); part !== undefined; part = parts.at(-1)) {
        const current = part;
        try {
          await current.stop(options);
          if (parts.includes(current) && current.quiet !== true) log(`${current.name} stopped.`);
        } catch (error) {
          log(`${current.name} did not stop: ${errorText(error)}`);
        }
        const position = parts.indexOf(current);
        if (position >= 0) parts.splice(position, 1);
      }
    },
  };
}
