import type { Settings } from '../config/index.js';
import type { ServiceStore } from '../contracts/stores.js';
import { DEMO_TENANT_ID } from '../seed/seed-demo.js';

const ACCOUNT_ID = `${DEMO_TENANT_ID}-whatsapp`;

/** The sample business's number. Without `WHATSAPP_ENABLED` it is forgotten, its pairing with it. */
export async function prepareDemoWhatsApp(service: ServiceStore, settings: Settings): Promise<void> {
  if (!settings.WHATSAPP_ENABLED) {
    // Only where connections are made: a worker beside a gateway need not be told.
    if (settings.ROLES.includes('gateway')) await service.removeAccount(DEMO_TENANT_ID, ACCOUNT_ID);
    return;
  }
  const { WHATSAPP_WS_URL, WHATSAPP_MEDIA_HOST, WHATSAPP_CA_FILE, WHATSAPP_NOISE_ROOT } = settings;
  await service.putAccount({
    id: ACCOUNT_ID,
    tenantId: DEMO_TENANT_ID,
    channel: 'whatsapp',
    config: {
      ...(WHATSAPP_WS_URL === undefined ? {} : { wsUrl: WHATSAPP_WS_URL }),
      ...(WHATSAPP_MEDIA_HOST === undefined ? {} : { mediaHost: WHATSAPP_MEDIA_HOST }),
      ...(WHATSAPP_CA_FILE === undefined ? {} : { caFile: WHATSAPP_CA_FILE }),
      ...(WHATSAPP_NOISE_ROOT === undefined ? {} : { noiseRoot: WHATSAPP_NOISE_ROOT }),
    },
  });
}
