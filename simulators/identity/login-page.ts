import type { Account } from './settings.ts';

/** What the page shows. */
export interface LoginPage {
  /** Where the form is sent. */
  readonly action: string;
  readonly people: readonly Account[];
  /** The account that was typed before. */
  readonly account?: string;
  /** What was wrong with the attempt before. */
  readonly complaint?: string;
}

/** The login page: an account to pick or type, and a password. Plain HTML, so that any program can fill it in. */
export function loginPage({ action, people, account = '', complaint }: LoginPage): string {
  const rows = people.map(
    (person) =>
      `<tr><td><code>${escaped(person.account)}</code></td><td>${escaped(person.name)}</td><td>${escaped(person.job)}</td></tr>`,
  );
  const options = people.map(
    (person) => `<option value="${escaped(person.account)}">${escaped(person.name)}</option>`,
  );
  return page(
    'Log in',
    `${complaint === undefined ? '' : `<p role="alert">${escaped(complaint)}</p>`}
<form method="post" action="${escaped(action)}">
<p><label>Account <input name="account" list="accounts" value="${escaped(account)}" autocomplete="username" required autofocus></label></p>
<datalist id="accounts">${options.join('')}</datalist>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button type="submit">Log in</button></p>
</form>
<table><caption>The people of the sample shop</caption>
<thead><tr><th>account</th><th>name</th><th>works in</th></tr></thead>
<tbody>${rows.join('')}</tbody></table>`,
  );
}

/** What went wrong, for people. */
export function errorPage(error: string, description: string): string {
  return page(
    'That did not work',
    `<p><code>${escaped(error)}</code>: ${escaped(description)}</p>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – simulated identity provider</title></head>
<body><main><h1>${title}</h1>
${body}
</main></body>
</html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
