import type { GenerativeModel } from '@google/generative-ai';
import type { VendorAccess } from '../config.js';

/** Loads the SDK on first use, to save start-up time and idle memory. */
export async function loadGemini({
  apiKey = '',
  baseUrl,
  model,
}: VendorAccess & { readonly model: string }): Promise<GenerativeModel> {
  const { GoogleGenerativeAI } = await import('@google/generative-ai');
  return new GoogleGenerativeAI(apiKey).getGenerativeModel(
    { model },
    baseUrl === undefined ? {} : { baseUrl },
  );
}
