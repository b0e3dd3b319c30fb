import type { Notice } from './notify.ts';

const TEMPLATES: Record<string, { subject: string; body: string }> = {
  dispatched: {
    subject: 'Your order {orderId} is on its way',
    body: 'Your order {orderId} has left our warehouse. Invoice {invoiceNumber}, tracking number {trackingNumber}.',
  },
  refunded: {
    subject: 'Your refund for {returnId}',
    body: 'We have refunded your return {returnId}.',
  },
};

/** Writes a notice from the values that the ledger left; undefined when the template or the address is missing. */
export function composeNotice(values: { readonly [name: string]: unknown }): Notice | undefined {
  const { template, messageId, to } = values;
  if (typeof template !== 'string') return undefined;
  const words = TEMPLATES[template];
  if (words === undefined || typeof messageId !== 'string' || typeof to !== 'string')
    return undefined;
  const fill = (text: string) =>
    text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
      const value = values[name];
      return typeof value === 'string' ? value : '–';
    });
  return { messageId, to, template, subject: fill(words.subject), body: fill(words.body) };
}
