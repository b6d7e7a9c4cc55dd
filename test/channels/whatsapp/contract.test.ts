import { afterAll, beforeAll } from 'vitest';
import { channelContract } from '../../contracts/channel.js';
import { contractBed, openWhatsApp, type WhatsAppBed } from './testbed.js';

let bed: WhatsAppBed;
beforeAll(async () => {
  bed = await openWhatsApp();
  await bed.pair();
});
afterAll(() => bed.close());

channelContract('whatsapp', () => contractBed(bed));
