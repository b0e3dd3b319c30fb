/**
 * The steps that a process can do without, and what is left out with each. Whatever is in no line here is
 * needed for the books to be right: money that was asked for has to be recorded, goods have to be booked. An
 * order is in none: it undoes itself when a step fails for good.
 */
export const SKIPPABLE_STEPS = {
  remindInspection: 'nobody is reminded of the inspection; the return waits on',
  remindCapture: 'nobody is told of the late capture; the return waits on, until the next deadline',
  escalateLateSupplier: 'procurement is not told this time; the next deadline is set',
  recordReturnLabel: 'the return travels without our label',
  skipReturnLabel: 'the return travels without our label, and nobody is told',
} as const satisfies Readonly<Record<string, string>>;
