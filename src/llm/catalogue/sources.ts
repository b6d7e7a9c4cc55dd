import type { LlmConfig, VendorAccess } from '../config.js';
import type { ModelSource } from './list-vendor-models.js';

const ANTHROPIC_VERSION = '2023-06-01';

/** The model lists of every configured vendor and server. */
export function modelSources({ openai, anthropic, gemini, servers = [] }: LlmConfig): readonly ModelSource[] {
  return [
    ...vendor('openai', openai, 'https://api.openai.com/v1', 'models', bearer),
    ...vendor('anthropic', anthropic, 'https://api.anthropic.com', 'v1/models?limit=1000', (key) => ({
      'x-api-key': key,
      'anthropic-version': ANTHROPIC_VERSION,
    })),
    ...vendor(
      'gemini',
      gemini,
      'https://generativelanguage.googleapis.com',
      'v1beta/models?pageSize=1000',
      (key) => ({
        'x-goog-api-key': key,
      }),
    ),
    ...servers.flatMap((server) => vendor(server.name, server, server.baseUrl, 'models', bearer)),
  ];
}

function vendor(
  provider: string,
  access: VendorAccess | undefined,
  usual: string,
  path: string,
  headersOf: (key: string) => Readonly<Record<string, string>>,
): readonly ModelSource[] {
  const { apiKey = '', baseUrl = '' } = access ?? {};
  if (apiKey === '' && baseUrl === '') return [];
  const base = (baseUrl === '' ? usual : baseUrl).replace(/\/+$/u, '');
  return [{ provider, url: `${base}/${path}`, headers: apiKey === '' ? {} : headersOf(apiKey) }];
}

function bearer(key: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${key}` };
}
