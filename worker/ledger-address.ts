const LEDGER_DATABASE = 'loopline';

/** The ledger's database on the server of this URL, as the same role. */
export function ledgerUrl(serverUrl: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${LEDGER_DATABASE}`;
  return url.toString();
}

/** The same URL for a screen or a log. */
export function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.password = '';
  return url.toString();
}
