import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { node, nowSeconds } from '../../fakes/whatsapp/nodes.js';
import { waitUntil } from '../../support/wait.js';
import { openWhatsApp, type WhatsAppBed } from './testbed.js';

const COUNT = 40;
/** Each is requested again, which the library does one at a time. */
const PATIENCE_MS = 60_000;

let bed: WhatsAppBed;
beforeAll(async () => {
  bed = await openWhatsApp();
  await bed.pair();
});
afterAll(() => bed.close());

it(
  'a flood of unreadable messages fills no log, creates nobody and holds up no one else',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const { phone, logged } = bed;
    const [alice, mallory] = [bed.newPerson(), bed.newPerson()];
    const running = bed.run();
    await running.untilOpen();
    const [companion] = phone.companions.values();
    const before = logged.length;
    for (let count = 0; count < COUNT; count++) {
      const attributes = { from: mallory.lidJid, id: `3AFF${count}`, type: 'text', t: nowSeconds() };
      const sealed = node('enc', { v: '2', type: 'msg' }, randomBytes(80));
      companion?.deliver(node('message', attributes, [sealed]));
    }
    await alice.writes(phone, 'are you open?');
    await waitUntil(() => running.texts().length === 1, PATIENCE_MS);
    await running.stop();
    expect(running.texts()).toEqual(['are you open?']);
    expect(running.accepted.map(({ sender }) => sender.id)).toEqual([alice.pn]);
    expect(logged.slice(before).filter((line) => !/^(?:debug|info)/.test(line))).toEqual([]);
  },
);
