import type { Stage } from '../stage.js';
import { startFakeWhatsApp } from './start-fake-whatsapp.js';

const OWNER = '6281100000001';
const CUSTOMER = '6281200000002';

/** WhatsApp by hand: link the service with the owner's phone, then write as a customer. */
export async function whatsAppStage(): Promise<Stage> {
  const { url, mediaHost, caFile, noiseRoot, world, journal, close } = await startFakeWhatsApp();
  const phone = world.phone(OWNER, 'Toko Kopi');
  const customer = world.person(CUSTOMER, 'Alice');
  const messages: string[] = [];
  let count = 0;
  const tell = (work: Promise<string>): void => {
    work.then(
      (text) => messages.push(text),
      (error: unknown) => messages.push(error instanceof Error ? error.message : 'that did not work'),
    );
  };
  const commands: Readonly<Record<string, (rest: string) => Promise<string>>> = {
    scan: async (qr) => `linked as device ${(await phone.scans(qr)).device}`,
    code: async (code) => `linked as device ${(await phone.enters(code)).device}`,
    owner: async (text) => `the owner wrote ${await phone.answers(customer, text)}`,
    unlink: () => {
      phone.unlinks();
      return Promise.resolve('all devices are unlinked');
    },
  };
  return {
    name: 'whatsapp',
    settings: {
      WHATSAPP_ENABLED: 'true',
      WHATSAPP_WS_URL: url,
      WHATSAPP_MEDIA_HOST: mediaHost,
      WHATSAPP_CA_FILE: caFile,
      WHATSAPP_NOISE_ROOT: noiseRoot,
    },
    help: [
      `code ABCD-EFGH (of: npm run sapa -- channels pair --tenant demo --method code --phone ${OWNER})`,
      'scan <text of a QR code>',
      'owner <text> (answers the customer from the phone)',
      'unlink',
      '<text> (the customer writes it)',
    ],
    play(typed) {
      const [first = '', ...rest] = typed.split(' ');
      const command = commands[first];
      if (command) tell(command(rest.join(' ')));
      else tell(customer.writes(phone, typed).then(() => `the customer wrote: ${typed}`));
    },
    shown() {
      const news = journal.seen.slice(count);
      count += news.length;
      messages.push(
        ...news.map(({ message }) => message.extendedTextMessage?.text ?? message.conversation ?? '[other]'),
      );
      return messages;
    },
    close,
  };
}
