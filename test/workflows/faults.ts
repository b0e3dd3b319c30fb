import { ApplicationFailure } from '@temporalio/common';

/** One step of one process is made to fail for good, although a repeat would have worked. */
export interface Fault {
  readonly activity: string;
  /** Whether the step's effect is there when it fails. */
  readonly when: 'before' | 'after';
  /** Every call fails, or the first alone. */
  readonly always: boolean;
  /** Fails as well, always and before its effect, to bring the step above about. */
  readonly provokedBy?: string;
}

/** Any activity, as a worker calls it. */
type Step = (...requests: never[]) => Promise<unknown>;

/** Which process suffers which fault; processes without one are left alone. */
export class FaultPlan {
  readonly #faults = new Map<string, Fault>();
  readonly #hits = new Map<string, number>();

  set(subjectId: string, fault: Fault): void {
    this.#faults.set(subjectId, fault);
  }

  /** The trouble is over. */
  mend(subjectId: string): void {
    this.#faults.delete(subjectId);
  }

  /** How often the fault struck. */
  hits(subjectId: string): number {
    return this.#hits.get(subjectId) ?? 0;
  }

  /** The same activities, which fail as planned. */
  wrap(activities: object): object {
    const steps = Object.entries(activities as Record<string, Step>);
    return Object.fromEntries(
      steps.map(([name, step]) => [
        name,
        async (...requests: never[]) => {
          const subject = this.#subjectOf(requests);
          const fault = subject === undefined ? undefined : this.#faults.get(subject);
          if (subject === undefined || fault === undefined) return step(...requests);
          if (name === fault.provokedBy) throw broken(name);
          const strikes = name === fault.activity && (fault.always || this.hits(subject) === 0);
          if (!strikes) return step(...requests);
          this.#hits.set(subject, this.hits(subject) + 1);
          if (fault.when === 'after') await step(...requests);
          throw broken(name);
        },
      ]),
    );
  }

  /** Every request names its process somewhere: the id's last part is in those of payments, captures and refunds. */
  #subjectOf(requests: readonly unknown[]): string | undefined {
    const text = JSON.stringify(requests);
    return [...this.#faults.keys()].find((subject) =>
      text.includes(subject.slice(subject.lastIndexOf(':'))),
    );
  }
}

function broken(name: string): Error {
  return ApplicationFailure.nonRetryable(`${name} was made to fail`, 'MadeToFail');
}
