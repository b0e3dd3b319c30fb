/**
 * How a call of an act leaves its row in the audit. `traced`: one row, when something has changed, as the
 * timelines say (ledger.note, ledger.trace). `own`: the function leaves its rows itself, one for each element or
 * with more than an answer tells, and is handed `by` with the request. `answered`: it keeps no timeline, so its
 * answer says whether it changed anything.
 */
type Leaves = 'traced' | 'own' | 'answered';

/** The functions by which people, keys and processes change what the shop is about: each call leaves its row. */
export const ACTS: Readonly<Record<string, Leaves>> = {
  abandon_return: 'traced',
  accept_orders: 'own',
  activate_policy_draft: 'traced',
  adjust_stock: 'traced',
  advance_goodwill: 'traced',
  advance_order: 'traced',
  advance_return: 'traced',
  append_approval_events: 'traced',
  assign_exception: 'traced',
  begin_goodwill: 'traced',
  begin_order: 'traced',
  begin_purchase_order: 'traced',
  begin_return: 'traced',
  cancel_order: 'traced',
  change_stock_adjustment: 'traced',
  claim_exception: 'traced',
  close_return_receipt: 'traced',
  comment_exception: 'traced',
  create_purchase_order: 'traced',
  dispatch_shipment: 'traced',
  end_person: 'own',
  end_replenishment: 'traced',
  end_sessions_of_person: 'own',
  erase_customer: 'own',
  escalate_exceptions: 'traced',
  escalate_late_supplier: 'traced',
  expire_holds: 'own',
  expire_order_wait: 'traced',
  export_customer: 'own',
  finish_repair: 'traced',
  give_goodwill: 'traced',
  heal_failure: 'traced',
  hold_stock: 'own',
  inspect_return: 'traced',
  make_key: 'own',
  merge_exceptions: 'traced',
  note_policy_simulation: 'traced',
  put_channels: 'own',
  put_customers: 'own',
  put_delegation: 'traced',
  put_nodes: 'own',
  put_notice_preference: 'own',
  put_people: 'own',
  put_policy_draft: 'traced',
  put_skus: 'own',
  put_suppliers: 'own',
  put_webhook_endpoint: 'own',
  rate_risk: 'traced',
  receive_goods: 'traced',
  receive_return: 'traced',
  receive_stock: 'traced',
  record_acknowledgement: 'traced',
  record_authorization: 'traced',
  record_capture: 'traced',
  record_fact: 'traced',
  record_finance_entry: 'traced',
  record_give_back: 'traced',
  record_refund: 'traced',
  record_replenishment: 'traced',
  record_return_label: 'traced',
  record_screening: 'traced',
  record_shipping_notice: 'traced',
  record_supplier_invoice: 'traced',
  release_hold: 'traced',
  remind_capture: 'traced',
  remind_inspection: 'traced',
  report_failure: 'traced',
  report_supplier_refusal: 'traced',
  request_repair: 'traced',
  request_return: 'traced',
  resolve_exception: 'traced',
  revoke_key: 'own',
  rotate_key: 'own',
  roll_back_policy: 'traced',
  run_dues: 'own',
  send_purchase_order: 'traced',
  settle_purchase_order: 'traced',
  skip_return_label: 'traced',
  snooze_exception: 'traced',
  submit_decision: 'answered',
  submit_policy_draft: 'traced',
  withdraw_policy_draft: 'traced',
};

/** The functions that write and are no acts: why a call of each leaves no row by itself. */
export const NO_ACTS: Readonly<Record<string, string>> = {
  acknowledge_decision: 'takes a delivered message off the outbox; the decision has left its row',
  begin_finance_entry: 'marks a process as running, as mark_started does',
  begin_replenishment: 'marks a process as running, as mark_started does',
  begin_stock_adjustment: 'marks a process as running, as mark_started does',
  claim_outbox: 'leases messages to a dispatcher',
  claim_processes: 'leases processes to a dispatcher',
  claim_webhooks: 'leases messages to a dispatcher',
  end_finance_entry: 'ends a process whose entry was decided; the decision has left its row',
  end_stock_adjustment:
    'ends a process whose adjustment was decided; the decision has left its row',
  finish_outbox: 'takes delivered messages off the outbox',
  gather_replenishment_facts: 'gathers facts for a plan that nobody has made yet',
  mark_started: 'says that a process has its workflow',
  plan_notice: 'writes whom the dispatcher tells of what has happened, and how',
  record_delivery:
    'notes how an attempt ended; what it turns off or puts on the board leaves its row itself',
  release_outbox: 'gives leased messages back',
  release_processes: 'gives leased processes back',
  report_rush: 'says that orders queue for an answer at this moment',
  seal_audit: 'seals the rows of all acts',
  stage_replenishment_orders: 'keeps parts of a plan until record_replenishment makes it one act',
  // Who logs in is known to these alone, so they leave their rows themselves.
  end_session: 'leaves its row itself: whose session it is, the session says',
  find_session: 'moves the idle end of a session on, at most once a minute',
  open_session: 'leaves its row itself: who logs in, the login says',
  record_failed_logins: 'leaves its rows itself: nobody is known yet',
  record_refusal: 'leaves its row itself: nothing was done',
  touch_key: 'notes when a key was used last',
};

/**
 * Puts every act behind a function that asks who acts and leaves the row: the body moves to
 * ledger.<name>_body. What writes and is in neither table counts as an act that its answer judges, so that a
 * function which nobody thought of leaves a row too many rather than none; test/ledger/audited-functions.test.ts
 * refuses it. A body that asks for `by` itself is handed it.
 */
export const AUDIT_ACTS = `
  do $audit$
  declare v_function record;
  begin
    for v_function in
      select p.proname as name, p.proname || '_body' as body, coalesce(t.leaves, 'answered') <> 'answered' as is_traced,
        coalesce(t.leaves = 'own', false) or strpos(p.prosrc, '''by''') > 0 as takes_by
      from pg_proc p
      left join (values ${rowsOf(ACTS)}) t(name, leaves) on t.name = p.proname
      where p.pronamespace = 'loopline'::regnamespace and p.provolatile = 'v'
        and p.proname <> all (array[${namesOf(NO_ACTS)}])
    loop
      execute format('alter function loopline.%I(jsonb) rename to %I', v_function.name, v_function.body);
      execute format('alter function loopline.%I(jsonb) set schema ledger', v_function.body);
      execute format($make$
        create function loopline.%1$I(request jsonb) returns jsonb language plpgsql as $act$
        declare v_by jsonb := ledger.begin_act(%1$L, request); v_result jsonb;
        begin
          v_result := ledger.%2$I(%3$s);
          perform ledger.end_act(%1$L, v_by, request, v_result, %4$L);
          return v_result;
        end $act$ $make$,
        v_function.name, v_function.body,
        case when v_function.takes_by then 'request' else 'request - ''by''' end, v_function.is_traced);
    end loop;
  end $audit$;`;

function rowsOf(acts: Readonly<Record<string, Leaves>>): string {
  return Object.entries(acts)
    .map(([name, leaves]) => `('${name}', '${leaves}')`)
    .join(', ');
}

function namesOf(functions: Readonly<Record<string, string>>): string {
  return Object.keys(functions)
    .map((name) => `'${name}'`)
    .join(', ');
}
