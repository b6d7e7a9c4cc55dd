import type { App } from './compose.js';

/** What the operator sees at startup: the address, where to find the key, and what is off and why. */
export function startMessage(app: App, url: string | undefined): string {
  const { settings, secrets } = app;
  const lines = [
    `Sapa is running (${settings.ROLES.join(', ')}; store: ${app.storeRole}).`,
    ...(url === undefined ? [] : [`listening on ${url}`]),
    ...(secrets.adminKeyFile === undefined ? [] : [`admin key: in the file ${secrets.adminKeyFile}`]),
    ...offLines(app).map((line) => `off: ${line}`),
  ];
  return lines.join('\n');
}

function offLines({ settings }: App): readonly string[] {
  const hasModel =
    [settings.OPENAI_API_KEY, settings.ANTHROPIC_API_KEY, settings.GEMINI_API_KEY].some(
      (key) => key !== undefined,
    ) || settings.LLM_SERVERS.length > 0;
  return [
    ...(hasModel
      ? []
      : [
          'language models (set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or LLM_SERVERS); answers quote the documents',
        ]),
    ...(settings.EMBEDDING_PROVIDER === 'none' ? ['semantic search (set EMBEDDING_PROVIDER)'] : []),
    ...(settings.TELEGRAM_BOT_TOKEN === undefined
      ? ['Telegram for the sample business (set TELEGRAM_BOT_TOKEN)']
      : []),
    ...(settings.WHATSAPP_ENABLED
      ? []
      : ['WhatsApp for the sample business (set WHATSAPP_ENABLED=true, then: sapa channels pair)']),
    ...(settings.DISCORD_TOKEN === undefined ? ['Discord for the sample business (set DISCORD_TOKEN)'] : []),
    ...(settings.SEED_DEMO ? [] : ['the sample business (set SEED_DEMO=true)']),
  ];
}
