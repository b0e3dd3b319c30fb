import { applyAdjustment } from './adjustments.ts';
import { decideReturn } from './returns.ts';
import { found, once, type Answer, type World } from './world.ts';

/** What waits for a person's word: `return <ref>`, `po <ref>` or `adjustment <ref>`. */
export type Subject = `${'return' | 'po' | 'adjustment'} ${string}`;

/** Who asked for everything that is in review. */
export const REQUESTER = 'asker';

function isOpen(world: World, subject: string): boolean {
  const [kind, ref] = split(subject);
  if (kind === 'return') return world.returns.get(ref)?.state === 'in-review';
  if (kind === 'po') return world.purchaseOrders.get(ref)?.state === 'in-review';
  return world.adjustments.get(ref)?.state === 'in-review';
}

function split(subject: string): [string, string] {
  const [kind = '', ...rest] = subject.split(' ');
  return [kind, rest.join(' ')];
}

interface DecisionWord {
  readonly subject: Subject;
  readonly decisionId: string;
  readonly decision: 'approve' | 'reject';
  readonly actor: string;
}

/** A person's word is stored until the process takes it; who asked may not decide, and who comes late changes nothing. */
export function submitDecision(world: World, word: DecisionWord): Answer {
  const known = world.decisions.has(word.decisionId);
  // Whoever asked hears as well what became of it.
  if (!known && !isOpen(world, word.subject))
    return { status: 'settled', applied: false, replayed: false };
  if (!known && word.actor === REQUESTER)
    return { status: 'refused', applied: false, replayed: false };
  const call = { key: `decision:${word.decisionId}`, content: word, marksRepeats: true };
  const answer = once(world, call, () => {
    const { subject, decision, actor } = word;
    world.decisions.set(word.decisionId, { subject, approve: decision === 'approve', actor });
    return { answer: { status: 'pending', applied: false }, kept: true };
  });
  const settled = world.done.get(`decided:${word.decisionId}`);
  if ('refused' in answer || !known) return answer;
  // What became of it meanwhile.
  const open = settled === undefined && isOpen(world, word.subject);
  return {
    status: open ? 'pending' : 'settled',
    applied: settled?.answer['applied'] === true,
    replayed: true,
  };
}

/** The first decision wins and is carried out in the same call. */
export function recordDecision(world: World, decisionId: string): Answer {
  const decision = found(world.decisions.get(decisionId), decisionId);
  const call = { key: `decided:${decisionId}`, content: decisionId, marksRepeats: false };
  return once(world, call, () => {
    const applied = isOpen(world, decision.subject);
    if (applied) carryOut(world, decision.subject, decision.approve);
    return { answer: { applied }, kept: true };
  });
}

function carryOut(world: World, subject: string, approved: boolean): void {
  const [kind, ref] = split(subject);
  if (kind === 'return') decideReturn(world, found(world.returns.get(ref), ref), approved);
  else if (kind === 'po')
    found(world.purchaseOrders.get(ref), ref).state = approved ? 'approved' : 'rejected';
  else if (approved) applyAdjustment(world, found(world.adjustments.get(ref), ref));
  else found(world.adjustments.get(ref), ref).state = 'rejected';
}
