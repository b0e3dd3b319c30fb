import { createHash } from 'node:crypto';
import type { Role } from '../../rules/access/roles.ts';

/** Somebody who decides, as the identity provider and Loopline know them. */
interface Decider {
  /** What they log in with. */
  readonly account: string;
  readonly personId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

/** Whoever the approval matrix asks, or escalates to. */
const DECIDING_ROLES = ['approver', 'finance', 'procurement', 'ops', 'admin'] as const;

/** Two for each role, so that two may decide at once, and none of them has more than one level of a request. */
export const DECIDERS: readonly Decider[] = DECIDING_ROLES.flatMap((role) =>
  [1, 2].map((number) => ({
    account: `${role}-${number}`,
    personId: `person:${role}-${number}`,
    name: `${role} ${number}`,
    email: `${role}-${number}@loopline.example`,
    role,
  })),
);

/** An approval as the list shows it, as far as it matters to whoever decides. */
export interface OpenApproval {
  readonly id: string;
  readonly askedRoles: readonly string[];
  readonly requestedBy: string;
  readonly run: number;
  readonly openLevels: readonly number[];
  /** In old trade people act at its time, not at ours. */
  readonly requestedAt: string;
}

/** Whose turn it is, one after the other: for the same level always in the same order. Never the requester. */
export function whoDecides({ id, askedRoles, requestedBy }: OpenApproval): readonly Decider[] {
  const asked = DECIDERS.filter(
    ({ personId, role }) => askedRoles.includes(role) && personId !== requestedBy,
  );
  const first = createHash('sha256').update(id).digest().readUInt32BE(0) % (asked.length || 1);
  return [...asked.slice(first), ...asked.slice(0, first)];
}

/** A name for what is decided now: once for each run and level. At most 120 letters, digits, dots, colons and dashes. */
export function decisionName(by: string, { id, run, openLevels }: OpenApproval): string {
  const place = `${run}-${openLevels.join('.')}`;
  return `${by}-${id.replaceAll(/[^\w.:-]/g, '-').slice(-80)}-${place}`.slice(0, 120);
}
