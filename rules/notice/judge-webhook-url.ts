import { networkOf, type Network } from './network-of.ts';

/**
 * Which networks webhooks may go to: the public internet alone, this machine as well, or everything that it
 * reaches. A program that posts wherever it is told is a way into networks that its callers cannot reach.
 */
export const WEBHOOK_NETWORKS = ['public', 'loopback', 'private'] as const;

export type WebhookNetworks = (typeof WEBHOOK_NETWORKS)[number];

export type UrlVerdict =
  | { readonly outcome: 'allowed' }
  | { readonly outcome: 'refused'; readonly text: string };

const MAX_LENGTH = 2_000;

/**
 * Whether a webhook may be sent to this URL, as far as it can be told without asking for its addresses:
 * https, or plain http to this machine. What a name stands for is judged again with each delivery.
 */
export function judgeWebhookUrl(text: string, allowed: WebhookNetworks): UrlVerdict {
  if (text.length > MAX_LENGTH) return refuse(`must have at most ${MAX_LENGTH} characters`);
  if (!URL.canParse(text)) return refuse('must be a URL');
  const { protocol, hostname, username, password, hash } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return refuse('must be an https URL');
  if (username !== '' || password !== '') return refuse('must not hold a name or a password');
  if (hash !== '') return refuse('must not have a fragment');
  const network = networkOfHost(hostname);
  if (protocol === 'http:' && network !== 'loopback')
    return refuse('must be an https URL: plain http is for this machine alone');
  return network === undefined ? { outcome: 'allowed' } : judgeNetwork(network, allowed);
}

/** Whether a webhook may be sent to an address that its host's name stands for. */
export function judgeWebhookAddress(address: string, allowed: WebhookNetworks): UrlVerdict {
  const network = networkOf(address);
  return network === undefined ? refuse('has no usable address') : judgeNetwork(network, allowed);
}

function judgeNetwork(network: Network, allowed: WebhookNetworks): UrlVerdict {
  if (WEBHOOK_NETWORKS.indexOf(network) <= WEBHOOK_NETWORKS.indexOf(allowed))
    return { outcome: 'allowed' };
  return refuse(
    network === 'loopback'
      ? 'leads to this machine, where webhooks may not go'
      : 'leads into a private network, where webhooks may not go',
  );
}

/** Undefined for a name that has to be asked for. */
function networkOfHost(hostname: string): Network | undefined {
  // A name may end in a dot, which means the same.
  const name = hostname.replace(/\.$/, '').toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  return networkOf(name);
}

function refuse(text: string): UrlVerdict {
  return { outcome: 'refused', text };
}
