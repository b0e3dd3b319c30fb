import type { ApiShop, CallOptions } from './api-shop.ts';
import type { Body } from './samples.ts';

/** A call that must succeed: every field of the body that the description knows is filled in. */
export interface ValidCall {
  readonly path: string;
  /** One object; arrays are posted as an array of it. */
  readonly body: Body;
  readonly options?: Pick<CallOptions, 'key'>;
}

/** One route that takes a body. */
export interface RouteWithBody {
  readonly status: number;
  /** Makes what the call needs, then the call; every time a new one. */
  prepare(shop: ApiShop): Promise<ValidCall> | ValidCall;
  /**
   * What a repeat answers: the first answer, marked; the same effect without a mark, where the content is its own
   * key; or a mark on each element. `apart`: what shows a secret once is tested in test/api/keys.test.ts.
   */
  readonly repeat: 'marked' | 'by-content' | 'by-element' | 'apart';
  /** Other content under the same key. */
  readonly change?: Body;
  /** Elements are judged one by one, inside this field or as the body itself. */
  readonly elements?: 'body';
  /** An id in the path that names nothing; with a body that would fit it. */
  readonly unknown?: (call: ValidCall) => ValidCall;
}
