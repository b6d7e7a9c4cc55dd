import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Arrivals } from '../../../channels/whatsapp/session/arrivals.js';
import { fromBytes, toBytes } from '../../../channels/whatsapp/state/json-bytes.js';
import type { AccountState } from '../../../src/contracts/channel.js';
import { createMemoryState } from '../../fakes/memory-state.js';
import { pause, waitUntil } from '../../support/wait.js';
import { node, nowSeconds, pnJid } from '../../fakes/whatsapp/nodes.js';
import { runConnection, type RunningConnection } from './run-connection.js';
import { openWhatsApp, type WhatsAppBed } from './testbed.js';

describe('a WhatsApp account whose process is killed', () => {
  let bed: WhatsAppBed;
  let running: RunningConnection | undefined;
  beforeAll(async () => {
    bed = await openWhatsApp();
    await bed.pair();
  });
  afterEach(() => running?.stop());
  afterAll(() => bed.close());

  it('uses no key twice: key state is written before a message that used it leaves', async () => {
    const { phone, channel, account, state, whatsapp } = bed;
    const alice = bed.newPerson();
    let isSlow = false;
    const slow: AccountState = {
      ...state,
      async write(changes) {
        if (isSlow) await pause(300);
        await state.write(changes);
      },
    };
    running = runConnection({ channel, account, state: slow });
    await running.untilOpen();
    await alice.writes(phone, 'halo');
    await waitUntil(() => alice.sees(phone).length === 0 && running?.accepted.length === 1);
    await bed.send(alice.pn, { type: 'text', key: 'a', text: 'first' });
    isSlow = true;
    const sending = bed.send(alice.pn, { type: 'text', key: 'b', text: 'second' }).catch(() => undefined);
    await waitUntil(() => alice.sees(phone).length === 2);
    const left = await copyOf(state);
    await sending;
    await running.stop();

    running = runConnection({ channel, account, state: left });
    await running.untilOpen();
    await bed.send(alice.pn, { type: 'text', key: 'c', text: 'third' });
    await waitUntil(() => alice.sees(phone).length === 3);
    expect(whatsapp.journal.undecryptable).toEqual([]);
    expect(whatsapp.journal.violations).toEqual([]);
    await replace(state, left);
  });

  it('can still send and receive after a message from an earlier session arrives late', async () => {
    const { phone, channel, account, state, whatsapp } = bed;
    const alice = bed.newPerson();
    running = runConnection({ channel, account, state });
    await running.untilOpen();
    const [companion] = phone.companions.values();
    if (companion === undefined) throw new Error('no device is linked');
    const device = pnJid(phone.pn, companion.device);
    const isHeard = (text: string): Promise<void> =>
      waitUntil(() => running?.texts().includes(text) === true);
    const answers = (text: string) => bed.send(alice.pn, { type: 'text', key: text, text });

    await alice.writes(phone, 'one');
    await isHeard('one');
    await answers('first');
    const late = await alice.device.encrypt(device, { conversation: 'late' });
    await alice.device.openSession(device, companion.takeBundle());
    await alice.writes(phone, 'two');
    await isHeard('two');
    await answers('second');
    await alice.writes(phone, 'three');
    await isHeard('three');
    companion.deliver(
      node('message', { from: alice.pnJid, id: '3A00000000000000A7E0', type: 'text', t: nowSeconds() }, [
        node('enc', { v: '2', type: late.type }, late.ciphertext),
      ]),
    );
    await isHeard('late');
    await answers('third');
    await waitUntil(() => alice.sees(phone).length === 3);
    await running.stop();
    expect(whatsapp.journal.undecryptable).toEqual([]);
    expect(whatsapp.journal.violations).toEqual([]);
  });

  it('passes on a kept message only after the one before it, which WhatsApp still holds', async () => {
    const { phone, channel, account, state } = bed;
    const alice = bed.newPerson();
    running = runConnection({
      channel,
      account,
      state,
      accept: () => Promise.reject(new Error('the store is away')),
    });
    await running.untilOpen();
    await alice.writes(phone, 'second');
    await waitUntil(() => phone.companions.get(1)?.waitingCount === 0);
    void running.stop();
    await running.ended.catch(() => undefined);

    const first = 'ABCDEF0123456789';
    await alice.writes(phone, 'first', { id: first });
    const [key = ''] = await state.keys('received/');
    const stored = fromBytes((await state.read([key])).get(key) ?? Buffer.from('{}')) as { arrival: number };
    const ahead = [{ token: `${alice.lidJid}/${first}`, arrival: stored.arrival - 1 }];
    await state.write(new Map([[key, toBytes({ ...stored, ahead })]]));

    running = runConnection({ channel, account, state });
    await waitUntil(() => running?.accepted.length === 2);
    expect(running.texts()).toEqual(['first', 'second']);
    const [one, two] = running.accepted.map(({ sequence }) => sequence);
    expect(one).toBeLessThan(two ?? 0);
  });
});

describe('messages of one chat', () => {
  const open = () => {
    const released: string[] = [];
    const arrivals = new Arrivals<string>({
      nowMs: () => Date.now(),
      release: (item) => released.push(item),
    });
    const stanza = (id: string) => ({ id, chat: 'chat', token: `someone/${id}`, isSealed: true });
    const missing = { token: 'someone/a', arrival: 1 };
    const second = { token: 'someone/b', arrival: 2, chat: 'chat', item: 'b', ahead: [missing] };
    return { arrivals, released, stanza, second };
  };

  it('wait for an earlier one until WhatsApp has delivered its backlog', () => {
    const { arrivals, released, second } = open();
    arrivals.startWith([second]);
    expect(released).toEqual([]);
    arrivals.backlogEnded();
    expect(released).toEqual(['b']);
    arrivals.close();
  });

  it('are left to the next connection if they are still waiting when this one ends', () => {
    const { arrivals, released, stanza } = open();
    const first = arrivals.arrived(stanza('a'));
    const next = arrivals.arrived(stanza('b'));
    expect(arrivals.aheadOf(next)).toEqual([{ token: 'someone/a', arrival: first }]);
    arrivals.kept(next, 'b', 'b');
    arrivals.close();
    arrivals.kept(first, 'a', 'a');
    expect(released).toEqual([]);
  });

  it('keep their places if one is redelivered before it was read', () => {
    const { arrivals, released, stanza } = open();
    const first = arrivals.arrived(stanza('a'));
    const next = arrivals.arrived(stanza('b'));
    expect(arrivals.arrived(stanza('a'))).toBe(first);
    // What the library reports for the first delivery, which it could not decrypt.
    arrivals.came('a', 'unreadable', true);
    arrivals.kept(next, 'b', 'b');
    expect(released).toEqual([]);
    arrivals.kept(first, 'a', 'a');
    expect(released).toEqual(['a', 'b']);
    arrivals.close();
  });

  it('keep their places if they are read as the connection ends', () => {
    const { arrivals, stanza } = open();
    const first = arrivals.arrived(stanza('a'));
    const next = arrivals.arrived(stanza('b'));
    arrivals.close();
    expect(arrivals.aheadOf(next)).toEqual([{ token: 'someone/a', arrival: first }]);
  });

  it('are passed on once if they were delivered twice before they were read', () => {
    const { arrivals, released, stanza } = open();
    const first = arrivals.arrived(stanza('a'));
    arrivals.arrived(stanza('a'));
    for (let reading = 0; reading < 2; reading++) {
      arrivals.kept(first, 'a', 'a');
      arrivals.came('a', 'brought');
    }
    arrivals.close();
    expect(released).toEqual(['a']);
  });

  it('are passed on once even if the library delivers them as well', () => {
    const { arrivals, released, stanza } = open();
    arrivals.kept(arrivals.arrived(stanza('a')), 'a', 'kept');
    arrivals.came('a', 'brought');
    arrivals.close();
    expect(released).toEqual(['kept']);
  });
});

async function copyOf(state: AccountState): Promise<AccountState> {
  const copy = createMemoryState();
  await copy.write(await state.read(await state.keys('')));
  return copy;
}

async function replace(state: AccountState, by: AccountState): Promise<void> {
  await state.clear();
  await state.write(await by.read(await by.keys('')));
}
