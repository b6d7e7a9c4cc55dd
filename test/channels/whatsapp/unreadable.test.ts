import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { node, nowSeconds } from '../../fakes/whatsapp/nodes.js';
import type { FakePerson } from '../../fakes/whatsapp/person.js';
import { pause, waitUntil } from '../../support/wait.js';
import { openWhatsApp, type WhatsAppBed } from './testbed.js';

const COUNT = 5_000;
/** Delivered at once; the next ones follow when these are dealt with. */
const WAVE = 250;
const PATIENCE_MS = 120_000;

let bed: WhatsAppBed;
beforeAll(async () => {
  bed = await openWhatsApp();
  await bed.pair();
});
afterAll(() => bed.close());

function deliverUnreadable(from: FakePerson, id: string): void {
  const attributes = { from: from.lidJid, id, type: 'text', t: nowSeconds() };
  const sealed = node('enc', { v: '2', type: 'msg' }, randomBytes(80));
  const [companion] = bed.phone.companions.values();
  companion?.deliver(node('message', attributes, [sealed]));
}

it(
  'a flood of unreadable messages fills no log, creates nobody and holds up no one else',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const { logged, whatsapp } = bed;
    const [alice, mallory] = [bed.newPerson(), bed.newPerson()];
    const running = bed.run();
    await running.untilOpen();
    const before = logged.length;
    const requested = () =>
      whatsapp.journal.of('receipt').filter(({ node: { attrs } }) => attrs.type === 'retry');
    const answered = () =>
      whatsapp.journal.of('ack').filter(({ node: { attrs } }) => attrs.id?.startsWith('3AFF'));
    for (let count = 1; count <= COUNT; count++) {
      deliverUnreadable(mallory, `3AFF${count}`);
      if (count % WAVE === 0) await waitUntil(() => answered().length === count, PATIENCE_MS);
    }
    await alice.writes(bed.phone, 'are you open?');
    await waitUntil(() => running.texts().length === 1, PATIENCE_MS);
    await pause(0);
    await running.stop();
    expect(running.texts()).toEqual(['are you open?']);
    expect(running.accepted.map(({ sender }) => sender.id)).toEqual([alice.pn]);
    expect(requested().length).toBeLessThanOrEqual(200);
    const lines = logged.slice(before).filter((line) => !/^(?:debug|info)/.test(line));
    expect(lines.length).toBeLessThanOrEqual(2);
  },
);
