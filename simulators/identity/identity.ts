import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type Provider from 'oidc-provider';
import { z } from 'zod';
import { parseWith } from '../problem.ts';
import { ProviderService, type SimulatorContext } from '../service.ts';
import { errorPage, loginPage } from './login-page.ts';
import {
  identitySettings,
  startingIdentitySettings,
  type Account,
  type IdentitySettings,
} from './settings.ts';

const credentials = z.object({
  account: z.string().max(200).default(''),
  password: z.string().max(1_000).default(''),
});

/** Somebody tried to log in. Never the password. */
type LoginFact = {
  readonly kind: 'login';
  readonly account: string;
  readonly clientId: string;
  readonly outcome: 'accepted' | 'refused';
};

/**
 * The company's identity provider: a real OpenID Connect server with a login page of its own. It says who
 * somebody is and nothing about what they may do. Its keys are made at its start.
 */
export class IdentitySimulator {
  readonly app = new Hono<{ Bindings: HttpBindings }>();
  readonly #service: ProviderService<IdentitySettings, LoginFact>;
  #url = '';
  #provider: Promise<Provider> | undefined;

  constructor(options: {
    readonly dataDir: string;
    readonly seed: number;
    readonly apiUrl: string;
    /** How it names itself where that is not the address that it listens at. */
    readonly issuer: string | undefined;
  }) {
    this.#service = new ProviderService<IdentitySettings, LoginFact>({
      name: 'identity',
      dataDir: options.dataDir,
      settingsSchema: identitySettings,
      settings: startingIdentitySettings({
        ...options,
        issuer: options.issuer ?? null,
        clientSecret: randomBytes(32).toString('hex'),
      }),
      secretFields: ['clientSecret'],
      // Who has logged in is known from the book alone; nothing follows from it.
      apply: () => undefined,
      clear: () => undefined,
    });
    this.#addRoutes();
  }

  /** Learns the address that it listens at, which is its name unless it was given another. */
  start(url: string): void {
    this.#url = url;
  }

  close(): void {
    this.#service.close();
  }

  /** Loaded and made when it is first asked: both take a while, and most tests log nobody in. */
  #openProvider(): Promise<Provider> {
    this.#provider ??= import('./provider.ts').then(({ createProvider }) =>
      createProvider(this.#service.settings.issuer ?? this.#url, () => this.#service.settings),
    );
    return this.#provider;
  }

  #addRoutes(): void {
    this.#addLoginPage();
    for (const path of ['/healthz', '/_sim/*', '/interaction/:uid'])
      this.app.all(path, (c) => this.#service.app.fetch(c.req.raw, c.env));
    // Whatever else there is belongs to the protocol, whose library reads the bodies by itself.
    this.app.all('*', async (c) => {
      const provider = await this.#openProvider();
      await provider.callback()(c.env.incoming, c.env.outgoing);
      return RESPONSE_ALREADY_SENT;
    });
  }

  #addLoginPage(): void {
    const { app } = this.#service;
    app.get('/interaction/:uid', async (c) => {
      const interaction = await this.#findInteraction(c);
      if (interaction === undefined) return gone(c);
      return c.html(loginPage({ action: c.req.path, people: this.#people() }));
    });
    app.post('/interaction/:uid', async (c) => {
      const interaction = await this.#findInteraction(c);
      if (interaction === undefined) return gone(c);
      const { account, password } = parseWith(credentials, await c.req.parseBody());
      const accepted = this.#isAccepted(account, password);
      const { client_id: asked } = interaction.params;
      const clientId = typeof asked === 'string' ? asked : '';
      const outcome = accepted ? 'accepted' : 'refused';
      this.#service.record({ kind: 'login', account: account.slice(0, 64), clientId, outcome });
      if (!accepted) {
        const complaint = 'The account or the password is wrong.';
        const page = { action: c.req.path, people: this.#people(), account, complaint };
        return c.html(loginPage(page), 401);
      }
      const { incoming, outgoing } = c.env;
      const provider = await this.#openProvider();
      await provider.interactionFinished(
        incoming,
        outgoing,
        { login: { accountId: account } },
        { mergeWithLastSubmission: false },
      );
      return RESPONSE_ALREADY_SENT;
    });
  }

  #people(): readonly Account[] {
    return this.#service.settings.people;
  }

  #isAccepted(account: string, password: string): boolean {
    const isKnown = this.#people().some((person) => person.account === account);
    const given = Buffer.from(password);
    const wanted = Buffer.from(this.#service.settings.password);
    return isKnown && given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  /** The login that is under way in this browser; undefined when it is another one or too old. */
  async #findInteraction(c: SimulatorContext) {
    try {
      const provider = await this.#openProvider();
      const details = await provider.interactionDetails(c.env.incoming, c.env.outgoing);
      return details.uid === c.req.param('uid') ? details : undefined;
    } catch (error) {
      if (error instanceof Error && error.name === 'SessionNotFound') return undefined;
      throw error;
    }
  }
}

function gone(c: SimulatorContext): Response | Promise<Response> {
  return c.html(
    errorPage('login_expired', 'This login is over. Begin again where you came from.'),
    400,
  );
}
