import type { TestLoopline } from '../support/loopline.ts';

/**
 * The first open deadline of one process is reached, as run_dues does it for all of them: where tests run
 * at the same time over one ledger, a business clock for all would end each other's waits.
 */
export async function reachOwnDeadline(loopline: TestLoopline, subjectId: string): Promise<void> {
  await loopline.owner`
    with reached as (
      update ledger.due set state = 'reached'
      where due_id = (select due_id from ledger.due where subject_id = ${subjectId} and state = 'open' order by due_at limit 1)
      returning *)
    select ledger.note(subject_id, 'due-reached', 'loopline', due_at, 'due:' || due_id, kind),
      ledger.signal(process_id, 'due:' || due_id)
    from reached`;
  loopline.engine.nudge();
}
