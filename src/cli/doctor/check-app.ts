import { z } from 'zod';
import type { App } from '../../compose/compose.js';
import type { Translate } from '../../contracts/i18n.js';
import type { AccountRecord } from '../../contracts/stores.js';
import { lacksPublicUrl } from '../../lib/net/webhook-path.js';
import type { Finding } from './finding.js';

/** Checks the store, the models and the channel accounts of the composed service. */
export async function checkApp(app: App, t: Translate): Promise<readonly Finding[]> {
  return [await checkStore(app), ...(await checkModels(app, t)), ...(await checkChannels(app, t))];
}

/** Rejects with the store's errors. */
async function checkStore({ maintenance, storeRole }: App): Promise<Finding> {
  await maintenance.probe();
  return { check: 'store', state: 'ok', detail: storeRole };
}

/** Calls each model once, because a configured key may still be rejected. */
async function checkModels({ models }: App, t: Translate): Promise<readonly Finding[]> {
  const problems = models.problems();
  if (problems.length > 0) {
    return problems.map((detail) => ({ check: 'models', state: 'broken', detail }) as const);
  }
  const probes = await models.probe(new AbortController().signal);
  if (probes.length === 0) return [{ check: 'models', state: 'off', detail: t('cli.doctor.modelsOff') }];
  return probes.map(({ model, tookMs, error }): Finding => {
    const check = `model ${model}`;
    return error === undefined
      ? { check, state: 'ok', detail: t('cli.doctor.modelAnswers', { seconds: tookMs / 1000 }) }
      : { check, state: 'broken', detail: t('cli.doctor.modelFails', { reason: error.message }) };
  });
}

async function checkChannels(
  { service, channels, settings }: App,
  t: Translate,
): Promise<readonly Finding[]> {
  const accounts = await service.accounts();
  if (accounts.length === 0) {
    return [{ check: 'channels', state: 'off', detail: t('cli.doctor.channelsOff') }];
  }
  const findings: Finding[] = [];
  const credentials: Credential[] = [];
  for (const account of accounts) {
    const check = `channel ${account.id}`;
    const channel = channels.find(({ name }) => name === account.channel);
    const config = channel?.configSchema.safeParse(account.config);
    const workspaces = config?.success === true ? channel?.sharing?.workspacesOf(config.data) : undefined;
    const credential = credentialOf(account, workspaces);
    const twin = credentials.find((other) => isSame(other, credential));
    if (credential !== undefined) credentials.push(credential);
    if (config?.success !== true) {
      findings.push({ check, state: 'broken', detail: t('cli.doctor.channelSettings', { id: account.id }) });
    } else if (twin !== undefined) {
      findings.push({ check, state: 'broken', detail: t('cli.doctor.sameToken', { id: twin.accountId }) });
    } else if (lacksPublicUrl(channel, config.data, settings.PUBLIC_URL)) {
      findings.push({ check, state: 'broken', detail: t('cli.doctor.publicUrl') });
    } else findings.push(await lastState(service, account, t));
  }
  return findings;
}

async function lastState(service: App['service'], account: AccountRecord, t: Translate): Promise<Finding> {
  const connection = (await service.connectionStates(account.tenantId)).find(
    ({ accountId }) => accountId === account.id,
  );
  const check = `channel ${account.id}`;
  const state = connection?.state;
  if (state?.state === 'blocked') {
    return { check, state: 'broken', detail: t('cli.doctor.channelBlocked', { reason: state.reason }) };
  }
  if (state?.state === 'needs-pairing') {
    return { check, state: 'warning', detail: t('cli.doctor.channelUnpaired') };
  }
  if (state?.state === 'backing-off') {
    return { check, state: 'warning', detail: t('cli.doctor.channelWaits', { reason: state.reason }) };
  }
  if (state?.state === 'open' && state.reason !== undefined) {
    return { check, state: 'warning', detail: state.reason };
  }
  return { check, state: 'ok', detail: state?.state ?? t('cli.doctor.neverConnected') };
}

/** A bot's token, and the workspaces in which the account uses it; none: all that no other account names. */
interface Credential {
  readonly accountId: string;
  readonly token: string;
  readonly workspaces: readonly string[];
}

function credentialOf(
  { id, config }: AccountRecord,
  workspaces: readonly string[] = [],
): Credential | undefined {
  const token = z.object({ token: z.string() }).safeParse(config).data?.token;
  return token === undefined ? undefined : { accountId: id, token, workspaces };
}

/** Accounts that share a bot in different workspaces do not conflict. */
function isSame(one: Credential, other: Credential | undefined): boolean {
  if (one.token !== other?.token) return false;
  const [a, b] = [one.workspaces, other.workspaces];
  return (a.length === 0 && b.length === 0) || a.some((workspace) => b.includes(workspace));
}
