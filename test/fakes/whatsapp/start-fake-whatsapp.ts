import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Curve } from '@whiskeysockets/baileys';
import { WebSocketServer } from 'ws';
import { startLoopbackServer } from '../loopback-server.js';
import { Connection } from './connection.js';
import { Faults } from './faults.js';
import { Journal } from './journal.js';
import { MediaHost } from './media-host.js';
import { makeTlsCertificate } from './tls-certificate.js';
import { World } from './world.js';

export interface FakeWhatsApp {
  /** Value for `WHATSAPP_WS_URL`. */
  readonly url: string;
  /** Value for `WHATSAPP_MEDIA_HOST`. */
  readonly mediaHost: string;
  /** Value for `WHATSAPP_CA_FILE`: the certificate of the media host. */
  readonly caFile: string;
  /** Value for `WHATSAPP_NOISE_ROOT`, in hex. */
  readonly noiseRoot: string;
  readonly world: World;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly media: MediaHost;
  /** Simulates a proxy that answers every connection attempt with this status; `undefined` removes it. */
  refusesUpgrades(status: number | undefined): void;
  close(): Promise<void>;
}

/**
 * WhatsApp's web server on loopback: the Noise handshake, pairing, Signal sessions with simulated people,
 * groups, files. Keeps a journal of what people saw, refuses what the real server refuses, and fails on
 * demand.
 */
export async function startFakeWhatsApp({
  port = 0,
}: { readonly port?: number } = {}): Promise<FakeWhatsApp> {
  const journal = new Journal();
  const faults = new Faults();
  const certificate = makeTlsCertificate();
  const media = new MediaHost(certificate, faults, journal);
  const root = Curve.generateKeyPair();
  const world = new World({ journal, faults, media, root });
  const listening = await startLoopbackServer((_request, response) => response.writeHead(404).end(), {
    port,
  });
  let refusal: number | undefined;
  const sockets = new WebSocketServer({
    server: listening.server,
    path: '/ws/chat',
    verifyClient: (_info, done) => done(refusal === undefined, refusal),
  });
  sockets.on('connection', (socket) => void new Connection(socket, world));
  await media.listen();
  const folder = mkdtempSync(join(tmpdir(), 'fake-whatsapp-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, certificate.cert);
  return {
    url: `ws://${listening.host}/ws/chat`,
    mediaHost: media.hostname,
    caFile,
    noiseRoot: Buffer.from(root.public).toString('hex'),
    world,
    journal,
    faults,
    media,
    refusesUpgrades(status) {
      refusal = status;
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await Promise.all([media.close(), listening.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
