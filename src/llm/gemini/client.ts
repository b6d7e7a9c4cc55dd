import type { GenerativeModel } from '@google/generative-ai';
import type { VendorAccess } from '../config.js';

/** The SDK, loaded when it is first needed: start time and idle memory count. */
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
