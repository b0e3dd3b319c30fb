import type postgres from 'postgres';

/** A call of a step and what it answered. */
export interface RecordedStep {
  readonly name: string;
  readonly request: unknown;
  readonly answer: unknown;
}

type Step = (...requests: unknown[]) => Promise<unknown>;

/** Writes down which steps a process takes, so that they can be taken again later. */
export class StepRecorder {
  readonly #steps: RecordedStep[] = [];

  /** The same activities, written down. */
  wrap(activities: object): object {
    const steps = Object.entries(activities as Record<string, Step>);
    return Object.fromEntries(
      steps.map(([name, step]) => [
        name,
        async (request: unknown) => {
          const answer = await step(request);
          this.#steps.push({ name, request, answer });
          return answer;
        },
      ]),
    );
  }

  /** The steps that name the process, or an approval of it, oldest first. */
  of(processId: string): RecordedStep[] {
    return this.#steps.filter(({ request }) => {
      const text = JSON.stringify(request);
      return text.includes(`${processId}"`) || text.includes(`${processId}:`);
    });
  }

  /** Takes a step again, later. */
  static again(activities: object, { name, request }: RecordedStep): Promise<unknown> {
    const step = (activities as Record<string, Step>)[name];
    if (step === undefined) throw new Error(`there is no step ${name}`);
    return step(request);
  }
}

/** How often and when trouble was raised last: the report of a failure has no key, so one that comes again counts. */
const COUNTERS: Readonly<Record<string, string>> = {
  exception: `to_jsonb(t) - array['seen', 'last_seen_at']`,
};

/** A fingerprint of every row of the ledger, table by table, but for what counts reports. */
export async function ledgerRows(owner: postgres.Sql): Promise<Record<string, string>> {
  const tables = await owner<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'ledger' and table_type = 'BASE TABLE' order by 1`;
  const rows: Record<string, string> = {};
  for (const { name } of tables) {
    const text = `(${COUNTERS[name] ?? 't'})::text`;
    const [row] = await owner.unsafe<{ print: string }[]>(
      `select count(*) || ' ' || md5(coalesce(string_agg(${text}, chr(10) order by ${text}), '')) as print from ledger."${name}" t`,
    );
    rows[name] = row?.print ?? '';
  }
  return rows;
}
