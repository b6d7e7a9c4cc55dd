import type OpenAI from 'openai';
import type { Fetch } from '../../contracts/runtime.js';
import { SDK_TIMEOUT_MS, type VendorAccess } from '../config.js';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** The SDK, loaded when it is first needed: start time and idle memory count. */
export async function createOpenAiClient(
  { apiKey = '', baseUrl }: VendorAccess,
  fetch: Fetch,
): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai');
  return new Client({
    apiKey,
    baseURL: baseUrl ?? DEFAULT_BASE_URL,
    // Named, so that the SDK does not look for them in the environment.
    organization: null,
    project: null,
    adminAPIKey: null,
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    logLevel: 'off',
    fetch,
  });
}
