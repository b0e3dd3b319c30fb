import type { ApprovalMatrix } from '../policy/approval-matrix.ts';
import { mayDecide, type Authorities, type PriorAct } from './may-decide.ts';
import { caseOf } from './answer-command.ts';
import {
  openSeats,
  sameSeat,
  stillNeeded,
  type ApprovalRun,
  type LevelRun,
} from './run-approval.ts';

/** Who can decide an open level now, and in whose place. */
export interface LevelDeciders {
  readonly level: number;
  readonly deciders: readonly {
    readonly person: string;
    /** Null for themself. */
    readonly onBehalfOf: string | null;
    readonly absent: boolean;
  }[];
  /** Why those who are there are too few; null when they are enough. The level is to be escalated then. */
  readonly shortText: string | null;
}

/** Who may decide each open level now, and where those who are not absent are too few to do it. */
export function findDeciders(
  duties: ApprovalMatrix['separatedDuties'],
  run: ApprovalRun,
  authorities: Authorities,
  priorActs: readonly PriorAct[],
  nowMs: number,
): LevelDeciders[] {
  if (run.closing !== null || run.returned !== null) return [];
  return run.levels
    .filter(({ state }) => state === 'open')
    .map((level) => {
      const found = authorities.people.flatMap(({ id, absent }) => {
        const judged = mayDecide(duties, caseOf(run, level, priorActs), id, authorities, nowMs);
        if (!judged.allowed) return [];
        const seats = judged.seats.filter((seat) =>
          openSeats(level).some((open) => sameSeat(open, seat)),
        );
        const onBehalfOf = judged.as.kind === 'delegate' ? judged.as.of : null;
        return seats.length === 0 ? [] : [{ person: id, onBehalfOf, absent, seats }];
      });
      const present = found.filter(({ absent }) => !absent);
      return {
        level: level.level,
        deciders: found.map(({ person, onBehalfOf, absent }) => ({ person, onBehalfOf, absent })),
        shortText: shortText(level, present),
      };
    });
}

type Found = { readonly onBehalfOf: string | null; readonly person: string } & {
  readonly seats: ReturnType<typeof openSeats>;
};

function shortText(level: LevelRun, present: readonly Found[]): string | null {
  if (present.some(({ seats }) => seats.some(({ escalation }) => escalation))) return null;
  // Two people with the authority of one count once.
  const voices = new Set(present.map(({ person, onBehalfOf }) => onBehalfOf ?? person));
  const missing = stillNeeded(level) - voices.size;
  if (missing > 0) {
    return `${level.plan.name} needs ${stillNeeded(level)}, and ${voices.size} can decide`;
  }
  if (level.plan.quorum !== 'all') return null;
  const empty = openSeats(level).filter(
    (seat) => !seat.escalation && !present.some((one) => one.seats.some((s) => sameSeat(s, seat))),
  );
  if (empty.length === 0) return null;
  return `nobody is there for ${empty.map(({ name }) => name).join(', ')} at ${level.plan.name}`;
}
