import type { Settings } from '../config/index.js';

/** An account of the sample business; without `config`, the environment defines none. */
export interface SampleAccount {
  readonly channel: string;
  readonly config: Readonly<Record<string, unknown>> | undefined;
}

/** The sample business's accounts from the environment, one per channel that can have one. */
export function sampleAccounts(settings: Settings): readonly SampleAccount[] {
  return [telegram(settings), discord(settings), whatsApp(settings)];
}

function telegram({ TELEGRAM_BOT_TOKEN: token, TELEGRAM_MODE, TELEGRAM_API_ROOT }: Settings): SampleAccount {
  const addresses = TELEGRAM_API_ROOT === undefined ? {} : { apiRoot: TELEGRAM_API_ROOT };
  return {
    channel: 'telegram',
    config: token === undefined ? undefined : { token, mode: TELEGRAM_MODE, ...addresses },
  };
}

function discord(settings: Settings): SampleAccount {
  const { DISCORD_TOKEN: token, DISCORD_MODE: mode, DISCORD_API_BASE, DISCORD_PUBLIC_KEY } = settings;
  const addresses = {
    ...(DISCORD_API_BASE === undefined ? {} : { apiBase: DISCORD_API_BASE }),
    ...(DISCORD_PUBLIC_KEY === undefined ? {} : { publicKey: DISCORD_PUBLIC_KEY }),
  };
  return { channel: 'discord', config: token === undefined ? undefined : { token, mode, ...addresses } };
}

function whatsApp(settings: Settings): SampleAccount {
  const { WHATSAPP_WS_URL, WHATSAPP_MEDIA_HOST, WHATSAPP_CA_FILE, WHATSAPP_NOISE_ROOT } = settings;
  const addresses = {
    ...(WHATSAPP_WS_URL === undefined ? {} : { wsUrl: WHATSAPP_WS_URL }),
    ...(WHATSAPP_MEDIA_HOST === undefined ? {} : { mediaHost: WHATSAPP_MEDIA_HOST }),
    ...(WHATSAPP_CA_FILE === undefined ? {} : { caFile: WHATSAPP_CA_FILE }),
    ...(WHATSAPP_NOISE_ROOT === undefined ? {} : { noiseRoot: WHATSAPP_NOISE_ROOT }),
  };
  // When disabled, the number and its pairing are deleted.
  return { channel: 'whatsapp', config: settings.WHATSAPP_ENABLED ? addresses : undefined };
}
