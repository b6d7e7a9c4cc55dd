import type { App } from '../compose/compose.js';
import type { ConnectionState, PairingRequest } from '../contracts/channel.js';
import type { AccountRecord } from '../contracts/stores.js';
import { accountIdOf } from '../lib/ids/account-id.js';
import { pairingPhone, stateSince, untilPairable } from '../lib/channels/pairing.js';
import { qrForTerminal } from '../lib/channels/qr-code.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import type { Verb } from './verb.js';

/** In ms; a running service notices within seconds and then has to connect. */
const CODE_WITHIN_MS = 30_000;
/** Time limit for scanning, in ms; after that the command can be run again. */
const PAIRED_WITHIN_MS = 5 * 60_000;
const LOOK_EVERY_MS = 500;

interface Options {
  readonly tenant: string;
  readonly method: PairingRequest['method'];
  readonly phone?: string;
  readonly json?: boolean;
}

/** `channels pair`: shows the code in the terminal and waits until the phone has used it. */
export function pairVerb(line: CommandLine): Verb {
  const { t } = line;
  const verb = line
    .tenantVerb('pair', t('cli.channels.pair'))
    .argument('[account-id]')
    .option('--method <method>', t('cli.option.pairMethod'), 'qr')
    .option('--phone <number>', t('cli.option.pairPhone'))
    .action(async (id: string | undefined, options: Options) => {
      const request = requestOf(line, options);
      await line.changeTenant(options.tenant, 'channels.pair', async (app) => {
        const account = await accountToPair(line, app, options.tenant, id, request.method);
        await pair(line, verb, app, account, request, options.json === true);
      });
    });
  return verb;
}

function requestOf({ t }: CommandLine, { method, phone }: Options): PairingRequest {
  if (method === 'qr') return { method };
  const digits = pairingPhone(phone ?? '');
  if (digits === undefined) throw new CliError('wrong-use', t('cli.channels.pairPhone'));
  return { method: 'code', phone: digits };
}

async function accountToPair(
  { t }: CommandLine,
  { service, channels }: App,
  tenantId: string,
  requestedId: string | undefined,
  method: PairingRequest['method'],
): Promise<AccountRecord> {
  const pairable = channels.filter(({ connection }) => connection?.pairsBy?.includes(method));
  const accounts = (await service.accounts()).filter(
    (account) => account.tenantId === tenantId && pairable.some(({ name }) => name === account.channel),
  );
  const candidates =
    requestedId === undefined
      ? accounts
      : accounts.filter(({ id }) => id === requestedId || id === accountIdOf(tenantId, requestedId));
  const [account] = candidates;
  if (account !== undefined && candidates.length === 1) return account;
  if (requestedId !== undefined)
    throw new CliError('failed', t('cli.channels.unknownAccount', { id: requestedId }));
  const ids = accounts.map(({ id }) => id).join(', ');
  throw accounts.length === 0
    ? new CliError('failed', t('cli.channels.nothingToPair', { channel: pairable[0]?.name ?? '' }))
    : new CliError('wrong-use', t('cli.channels.pairWhich', { known: ids }));
}

async function pair(
  { t }: CommandLine,
  verb: Verb,
  { service, clock }: App,
  account: AccountRecord,
  request: PairingRequest,
  isForProgram: boolean,
): Promise<void> {
  const since = clock.now();
  const { signal } = new AbortController();
  await service.requestPairing(account.tenantId, account.id, request);
  let state = await untilPairable(service, account, since, {
    method: request.method,
    withinMs: CODE_WITHIN_MS,
    signal,
    sleep: (ms) => clock.sleep(ms),
    monotonicMs: () => clock.monotonicMs(),
  });
  if (state === undefined) throw new CliError('failed', t('cli.channels.pairNoService'));
  if (isForProgram) return verb.print({ json: { id: account.id, ...jsonOf(state) }, text: '' });
  const end = clock.monotonicMs() + PAIRED_WITHIN_MS;
  for (let lastText = ''; clock.monotonicMs() < end;) {
    if (state?.state === 'open') {
      return verb.print({ json: undefined, text: t('cli.channels.paired', { id: account.id }) });
    }
    if (state?.state === 'blocked') throw new CliError('failed', state.reason);
    const text = state === undefined ? '' : codeOf(t, state);
    if (text !== '' && text !== lastText) verb.print({ json: undefined, text });
    lastText = text === '' ? lastText : text;
    await clock.sleep(LOOK_EVERY_MS);
    state = await stateSince(service, account, since);
  }
  throw new CliError('failed', t('cli.channels.pairTooLate'));
}

function codeOf(t: CommandLine['t'], state: ConnectionState): string {
  if (state.state !== 'needs-pairing') return '';
  if (state.pairingCode !== undefined) {
    return t('cli.channels.pairType', { code: state.pairingCode.replace(/^(.{4})(.{4})$/, '$1-$2') });
  }
  if (state.qr === undefined) return '';
  return `${qrForTerminal(state.qr)}\n${t('cli.channels.pairScan')}`;
}

function jsonOf(state: ConnectionState): Readonly<Record<string, unknown>> {
  if (state.state !== 'needs-pairing') return { state: state.state };
  const { reason, qr, pairingCode } = state;
  return {
    state: state.state,
    reason,
    ...(qr === undefined ? {} : { qr }),
    ...(pairingCode === undefined ? {} : { pairing_code: pairingCode }),
  };
}
