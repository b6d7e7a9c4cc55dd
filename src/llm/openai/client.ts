import type OpenAI from 'openai';
import type { Fetch } from '../../contracts/runtime.js';
import { SDK_TIMEOUT_MS, type VendorAccess } from '../config.js';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** Loads the SDK on first use, to save start-up time and idle memory. */
export async function createOpenAiClient(
  { apiKey = '', baseUrl }: VendorAccess,
  fetch: Fetch,
): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai');
  return new Client({
    apiKey,
    baseURL: baseUrl ?? DEFAULT_BASE_URL,
    // Set explicitly, so that the SDK does not read them from the environment.
    organization: null,
    project: null,
    adminAPIKey: null,
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    logLevel: 'off',
    fetch,
  });
}
