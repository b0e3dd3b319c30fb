import type { PolicyDocument, PolicyName } from './documents.ts';

/** How a value is told. `money` is minor units of the base currency. */
export type Measure =
  | 'money'
  | 'days'
  | 'hours'
  | 'hours-by-name'
  | 'number'
  | 'yes-no'
  | 'text'
  | 'names'
  | 'numbers'
  | 'list';

/** What a setting is called in a sentence, how its value is told, and what its choices mean. */
export interface FieldWords {
  readonly name: string;
  readonly measure: Measure;
  readonly choices?: Readonly<Record<string, string>>;
}

/** The policies whose documents are plain lists of settings. */
export type SettingsPolicy = Exclude<PolicyName, 'exceptions' | 'approval-matrix'>;

const approval = (what: string) =>
  ({
    approvalAboveMinor: {
      name: `the amount above which ${what} needs an approval`,
      measure: 'money',
    },
    approvalHours: { name: `the time for deciding on ${what}`, measure: 'hours' },
    approvalRole: { name: `the role that decides on ${what}`, measure: 'text' },
  }) as const;

/** Every setting of every policy in words: a setting without words does not compile. */
export const SETTING_WORDS: {
  readonly [Name in SettingsPolicy]: Readonly<Record<keyof PolicyDocument<Name>, FieldWords>>;
} = {
  sourcing: {
    backorder: {
      name: 'what becomes of an order without stock',
      measure: 'text',
      choices: { allow: 'it waits', refuse: 'it is refused' },
    },
    backorderHours: { name: 'the wait for stock before a person is asked', measure: 'hours' },
    dispatchHours: { name: 'the time at the warehouse before a person is asked', measure: 'hours' },
    split: { name: 'serving one order from several warehouses', measure: 'yes-no' },
    priorityWeight: {
      name: "the weight of a warehouse's priority in choosing one",
      measure: 'number',
    },
    nearWeight: {
      name: 'the weight of standing in the country that the order goes to',
      measure: 'number',
    },
    stockWeight: { name: 'the weight of having much left of the goods', measure: 'number' },
  },
  cutoffs: {
    timeZone: { name: 'the time zone of the cutoff', measure: 'text' },
    cutoff: { name: 'the time before which an order leaves the same day', measure: 'text' },
    dispatchBy: { name: 'the time by which orders leave on their day', measure: 'text' },
    handlingDays: { name: 'the working days that handling takes', measure: 'number' },
    workingDays: { name: 'the working days (1 is Monday)', measure: 'list' },
    holidays: { name: 'the days on which nothing leaves', measure: 'list' },
  },
  screening: {
    addressFromMinor: { name: 'the total from which addresses are checked', measure: 'money' },
    fraudFromMinor: { name: 'the total from which first orders are held', measure: 'money' },
    holdHours: { name: 'the time after which a held order is cancelled', measure: 'hours' },
    paymentHours: { name: 'the time after which an unpaid order is cancelled', measure: 'hours' },
  },
  return: {
    ...approval('a return'),
    windowDays: { name: 'the return window', measure: 'days' },
    blind: {
      name: 'what becomes of goods that no sale covers',
      measure: 'text',
      choices: {
        review: 'a person decides',
        refuse: 'they are refused',
        accept: 'they are accepted',
      },
    },
    receiveWithinDays: { name: 'the time for sending goods back', measure: 'days' },
    inspectWithinHours: { name: 'the time for inspecting returned goods', measure: 'hours' },
  },
  'refund-timing': {
    earlyUpToMinor: {
      name: 'the amount up to which a refund goes out early',
      measure: 'money',
    },
    earlyAt: {
      name: 'what a refund that goes out early waits for',
      measure: 'text',
      choices: { receipt: 'the goods have arrived' },
    },
    inspectedReasons: {
      name: 'the reasons for which the inspection is always waited for',
      measure: 'list',
    },
  },
  replenishment: {
    ...approval('a purchase order'),
    demandDays: { name: 'the demand that a proposal looks back on', measure: 'days' },
    serviceZ: { name: 'the service level (as the standard normal quantile)', measure: 'number' },
    reviewDays: { name: 'the time between two cycles', measure: 'days' },
    coverDays: { name: 'the demand that is ordered beyond the reorder point', measure: 'days' },
    lateAfterDays: { name: 'the delay after which a supplier is late', measure: 'days' },
    acknowledgeHours: { name: 'the time for telling a supplier of an order', measure: 'hours' },
    invoiceWithinDays: { name: "the time for a supplier's invoice", measure: 'days' },
    invoiceToleranceMinor: {
      name: "the difference up to which a supplier's invoice is booked",
      measure: 'money',
    },
  },
  adjustment: approval('a stock adjustment'),
  'reason-codes': {
    return: { name: 'the reasons for a return', measure: 'names' },
    adjustment: { name: 'the reasons for a stock adjustment', measure: 'names' },
  },
  'account-mapping': {
    numbers: { name: "the numbers of the accounts in the merchant's books", measure: 'numbers' },
  },
  'finance-entry': approval('a manual finance entry'),
};
