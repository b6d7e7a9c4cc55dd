import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { node, nowSeconds } from '../fakes/whatsapp/nodes.js';
import type { FakePhone } from '../fakes/whatsapp/phone.js';
import { startFakeWhatsApp, type FakeWhatsApp } from '../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient } from './support/http-client.js';
import { removeDataDir, startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

/** Unreadable messages until the process has reached its size. */
const WARM_UP = 10_000;
/** And those after it, which must not add to it. */
const COUNT = 20_000;
/** Delivered at once; the next ones follow when these are dealt with. */
const WAVE = 500;
/** Three kilobytes a message; the heap of a process that keeps nothing comes and goes by some tens of MB. */
const MOST_MB = 60;
const MOST_LINES = 1_000;

let whatsapp: FakeWhatsApp;
let phone: FakePhone;
let sapa: RunningSapa;

beforeAll(async () => {
  silenceLibsignal();
  whatsapp = await startFakeWhatsApp();
  phone = whatsapp.world.phone('6281100000001', 'Toko');
  sapa = await startSapa({
    env: {
      WHATSAPP_ENABLED: 'true',
      WHATSAPP_WS_URL: whatsapp.url,
      WHATSAPP_MEDIA_HOST: whatsapp.mediaHost,
      WHATSAPP_CA_FILE: whatsapp.caFile,
      WHATSAPP_NOISE_ROOT: whatsapp.noiseRoot,
    },
  });
  const shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
  const account = async () => {
    const { body } = await shop.call('GET', '/v1/tenants/demo/channels');
    return (body['items'] as readonly { readonly state: string; readonly qr?: string }[])[0];
  };
  const shown = await eventually(account, (state) => state?.qr !== undefined);
  await phone.scans(shown?.qr ?? '');
  await eventually(account, (state) => state?.state === 'open');
});
afterAll(async () => {
  await sapa.stop();
  await whatsapp.close();
  await removeDataDir(sapa.dataDir);
});

let delivered = 0;
let answered = 0;
let seenStanzas = 0;
function countAnswers(): number {
  const { stanzas } = whatsapp.journal;
  for (; seenStanzas < stanzas.length; seenStanzas++) {
    const { tag, attrs } = stanzas[seenStanzas]?.node ?? {};
    if (tag === 'ack' && attrs?.id?.startsWith('3AFF') === true) answered++;
  }
  return answered;
}

async function flood(count: number): Promise<void> {
  const mallory = whatsapp.world.person('6281299999999', 'Mallory');
  for (const end = delivered + count; delivered < end;) {
    delivered++;
    const attributes = { from: mallory.lidJid, id: `3AFF${delivered}`, type: 'text', t: nowSeconds() };
    const sealed = node('enc', { v: '2', type: 'msg' }, randomBytes(80));
    [...phone.companions.values()].at(-1)?.deliver(node('message', attributes, [sealed]));
    if (delivered % WAVE === 0) await eventually(countAnswers, (done) => done >= delivered, 120_000);
  }
}

/** Without the store's file, which is mapped into memory. */
async function ownMb(): Promise<number> {
  const status = await readFile(`/proc/${sapa.pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

it.skipIf(process.platform !== 'linux')(
  'a flood of unreadable messages costs neither memory nor log lines',
  { timeout: 1_200_000 },
  async () => {
    await flood(WARM_UP);
    const [beforeMb, beforeLines] = [await ownMb(), sapa.output().split('\n').length];
    await flood(COUNT);
    const grownMb = (await ownMb()) - beforeMb;
    expect(grownMb).toBeLessThan(MOST_MB);
    expect(sapa.output().split('\n').length - beforeLines).toBeLessThan(MOST_LINES);
    const alice = whatsapp.world.person('6281200000002', 'Alice');
    await alice.writes(phone, 'What are your opening hours?');
    await eventually(
      () => alice.sees(phone).length,
      (count) => count > 0,
    );
  },
);
