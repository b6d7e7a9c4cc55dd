import { ChannelError, type ChannelAccount, type ConnectionSink } from '../../src/contracts/channel.js';
import { createBackoff, isUnauthorized, persist } from '../../src/lib/work/backoff.js';
import { askApplication, publishCommands } from './application.js';
import type { DiscordConfig } from './config.js';
import { GatewayRun, WITHOUT_CONTENT_REASON } from './gateway/run-gateway.js';
import type { ConnectionDependencies, Run } from './run.js';

/** Gateway intents we subscribe to, as bits. */
const INTENTS = {
  guilds: 1 << 0,
  guildMessages: 1 << 9,
  guildReactions: 1 << 10,
  directMessages: 1 << 12,
  directReactions: 1 << 13,
} as const;
const MESSAGE_CONTENT = 1 << 15;

/** How often http mode checks that the token still works, in ms; it keeps no connection open. */
const LOOK_EVERY_MS = 10 * 60_000;

/** Keeps one bot connected until `signal` aborts. */
export async function openConnection(
  account: ChannelAccount<DiscordConfig>,
  sink: ConnectionSink,
  signal: AbortSignal,
  dependencies: ConnectionDependencies,
): Promise<void> {
  const onState: ConnectionSink['changed'] = (state) => sink.changed(state);
  const backoff = createBackoff({ ...dependencies, platform: 'Discord', changed: onState });
  const run: Run = { ...dependencies, account, sink, backoff, signal };
  try {
    sink.changed({ state: 'connecting' });
    const application = await persist(run, () => askApplication(run));
    if (application !== undefined) {
      const troubles = new Set<string>();
      const refusal = await persist(run, () => publishCommands(application, sink, run));
      if (refusal !== undefined) troubles.add(refusal);
      if (account.config.mode === 'http') await keepEndpoint(run, troubles);
      else await keepGateway(run, application.mayReadContent !== false, troubles);
    }
    sink.changed({ state: 'stopped' });
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    sink.changed({ state: 'blocked', reason: error.message });
    throw error;
  }
}

/** Continues without the Message Content intent if Discord denies it, because much still works. */
async function keepGateway(run: Run, mayReadContent: boolean, troubles: Set<string>): Promise<void> {
  const { signal, backoff } = run;
  const always = Object.values(INTENTS).reduce((all, intent) => all | intent, 0);
  let reads = mayReadContent;
  while (!signal.aborted) {
    if (!reads) troubles.add(WITHOUT_CONTENT_REASON);
    try {
      const intents = reads ? always | MESSAGE_CONTENT : always;
      const end = await new GatewayRun(run, intents, troubles).untilItEnds();
      if (end !== 'disallowed-intents') continue;
      if (!reads) {
        throw new ChannelError(
          'unauthorized',
          'gateway: Discord disallows intents that need no permission (4014)',
        );
      }
      reads = false;
    } catch (error) {
      if (isUnauthorized(error)) throw error;
      if (!signal.aborted) await backoff.after(error, signal);
    }
  }
}

async function keepEndpoint(run: Run, troubles: ReadonlySet<string>): Promise<void> {
  const { sink, signal, clock } = run;
  if (sink.webhookUrl === undefined) {
    throw new ChannelError('unauthorized', 'Discord has no address to call: PUBLIC_URL is not set');
  }
  const reasons = [...troubles].join('; ');
  while (!signal.aborted) {
    sink.changed({ state: 'open', ...(reasons === '' ? {} : { reason: reasons }) });
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    await persist(run, () => askApplication(run));
  }
}
