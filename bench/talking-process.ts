import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PROJECT_FOLDER } from '../worker/stack/paths.ts';

/** A process of ours that reads questions and writes answers, a line of JSON each. */
export interface TalkingProcess<Question, Answer> {
  /** One question at a time. Rejects when the process ends instead. */
  ask(question: Question): Promise<Answer>;
  /** Ends its input and waits until it has ended. */
  stop(): Promise<void>;
}

/** Starts the program in `file`; its errors go where ours go. */
export function startTalking<Question, Answer>(file: string): TalkingProcess<Question, Answer> {
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: PROJECT_FOLDER,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // A process that has ended is noticed by its missing answer.
  child.stdin.on('error', () => undefined);
  return {
    ask: async (question) => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const answer = await answers.next();
      if (answer.done === true) throw new Error(`${file} ended before it answered`);
      return JSON.parse(answer.value) as Answer;
    },
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}

/** The other side: answers every line of the input until it ends. */
export async function answerAll<Question>(
  answer: (question: Question) => Promise<object>,
): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line) as Question)));
  }
}
