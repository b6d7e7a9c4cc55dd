import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountState } from '../../../src/contracts/channel.js';
import { createMemoryState } from '../../fakes/memory-state.js';
import { waitUntil } from '../../support/wait.js';
import { runConnection } from './run-connection.js';
import { openWhatsApp, type WhatsAppBed } from './testbed.js';

describe('pairing a WhatsApp number', () => {
  let bed: WhatsAppBed;
  beforeAll(async () => {
    bed = await openWhatsApp();
  });
  afterAll(() => bed.close());

  it('shows a QR code, restarts once as instructed, and opens', async () => {
    const { phone, channel, account, whatsapp } = bed;
    whatsapp.world.hasKeysOfNewDevices = false;
    const connection = runConnection({ channel, account, state: createMemoryState() });
    const qr = await connection.qr();
    await phone.scans(qr);
    await connection.untilOpen();
    expect(connection.states.map(({ state }) => state)).toEqual([
      'connecting',
      'needs-pairing',
      'connecting',
      'open',
    ]);
    await connection.stop();
    expect(connection.last()?.state).toBe('stopped');
    expect(whatsapp.journal.violations).toEqual([]);
    expect(whatsapp.journal.unknown).toEqual([]);
    expect(phone.companions.get(1)?.preKeys).toHaveLength(812);
    whatsapp.world.hasKeysOfNewDevices = true;
  });

  it('shows a code to type if the owner asked for one', async () => {
    const { phone, channel, account } = bed;
    const state = createMemoryState();
    const pairing = { method: 'code', phone: phone.pn } as const;
    const connection = runConnection({ channel, account, state, pairing });
    await connection.untilState('needs-pairing');
    const current = connection.last();
    const code = current?.state === 'needs-pairing' ? (current.pairingCode ?? '') : '';
    expect(code).toMatch(/^[0-9A-Z]{8}$/);
    expect(current).not.toHaveProperty('qr');
    await phone.enters(code);
    await connection.untilOpen();
    await connection.stop();
  });

  it('starts again after a code that was never typed, even after a restart', async () => {
    const { phone, channel, account } = bed;
    const state = createMemoryState();
    const pairing = { method: 'code', phone: phone.pn } as const;
    const first = runConnection({ channel, account, state, pairing });
    await first.untilState('needs-pairing');
    await first.stop();
    const second = runConnection({ channel, account, state });
    await phone.scans(await second.qr());
    await second.untilOpen();
    await second.stop();
  });

  it('keeps the pairing across a restart without a second QR code', async () => {
    const { channel, account } = bed;
    const state = createMemoryState();
    await bed.pair(state);
    const again = runConnection({ channel, account, state });
    await again.untilOpen();
    expect(again.states.map((current) => current.state)).toEqual(['connecting', 'open']);
    await again.stop();
  });

  it('drops the keys and shows a new QR code when the phone unlinks it (401)', async () => {
    const { phone, channel, account, whatsapp } = bed;
    const state = createMemoryState();
    await bed.pair(state);
    const connection = runConnection({ channel, account, state });
    await connection.untilOpen();
    const before = await state.read(['credentials']);
    phone.unlinks();
    const qr = await connection.qr();
    expect(connection.last()).toMatchObject({ reason: expect.stringContaining('401') as string });
    expect(Buffer.compare(bytesOf(before), bytesOf(await state.read(['credentials'])))).not.toBe(0);
    const sessions = (await state.keys('key/')).filter((key) => key.startsWith('key/session'));
    expect(sessions).toEqual([]);
    const logins = whatsapp.journal.logins.length;
    await phone.scans(qr);
    await connection.untilOpen();
    expect(whatsapp.journal.logins.slice(logins).map(({ kind }) => kind)).toEqual(['login']);
    await connection.stop();
  });

  it('never replaces unreadable keys with new ones', async () => {
    const { channel, account } = bed;
    const state = createMemoryState();
    await bed.pair(state);
    const damages: ((state: AccountState) => Promise<void>)[] = [
      (each) => each.write(new Map([['credentials', Buffer.from('{"noiseKey":')]])),
      (each) => each.write(new Map([['credentials', Buffer.from('{}')]])),
      (each) => each.write(new Map([['credentials', undefined]])),
    ];
    for (const damage of damages) {
      await damage(state);
      const before = await state.read(['credentials']);
      const connection = runConnection({ channel, account, state });
      await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
      expect(connection.last()).toMatchObject({ state: 'blocked' });
      expect(await state.read(['credentials'])).toEqual(before);
    }
  });

  it('prints and logs no key, message or number', async () => {
    const { phone, channel, account, logged } = bed;
    const printed: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (chunk: string | Uint8Array) => {
      printed.push(String(chunk));
      return true;
    };
    const state = createMemoryState();
    const alice = bed.newPerson();
    try {
      await bed.pair(state);
      const connection = runConnection({ channel, account, state });
      await connection.untilOpen();
      await alice.writes(phone, 'a secret of mine', { by: 'pn' });
      alice.cannotDecrypt = 2;
      await waitUntil(() => connection.accepted.length === 1);
      await bed.send(alice.pn, { type: 'text', key: 'k', text: 'an answer' });
      await waitUntil(() => alice.sees(phone).length === 1);
      await connection.stop();
    } finally {
      process.stdout.write = write;
    }
    const all = printed.join('\n') + logged.join('\n');
    for (const secret of ['privKey', 'rootKey', 'a secret of mine', alice.pn, alice.lid]) {
      expect(all).not.toContain(secret);
    }
  });
});

function bytesOf(values: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return values.get('credentials') ?? new Uint8Array();
}
