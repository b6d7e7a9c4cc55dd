import {
  ModelError,
  type ModelRequest,
  type ModelStreamPart,
  type UserPart,
} from '../../../src/contracts/model.js';
import type { TenantSettingsInput } from '../../../src/contracts/settings.js';
import { createScriptedModel, finish, type Act, type ScriptedModel } from '../../fakes/llm/scripted-model.js';
import { openConversation } from './open-conversation.js';

/** A shop with two documents and one frequent question. */
export async function openBatikShop(
  settings: Partial<TenantSettingsInput> = {},
): ReturnType<typeof openConversation> {
  const shop = await openConversation({
    persona: 'You are Sapa.',
    sop: 'Be honest.',
    locale: 'en',
    ...settings,
  });
  const scope = await shop.scope();
  const { knowledge, faq } = shop.services;
  await knowledge.upsert(scope, {
    id: 'care',
    title: 'Caring for batik',
    text: 'Wash hand-drawn batik by hand in cold water with lerak soap. Dry it in the shade. See https://care.example/batik.',
  });
  await knowledge.upsert(scope, {
    id: 'shipping',
    title: 'Shipping costs',
    text: 'Shipping to Surabaya costs Rp18.000 per kilogram. Shipping to Bandung costs Rp22.000 per kilogram.',
  });
  await faq.add(scope, { question: 'Do you accept QRIS?', answer: 'Yes, with *any* app!', locale: 'en' });
  return shop;
}

export const calling: ModelStreamPart = {
  ...finish,
  reason: 'tool-calls',
};
export const callTool = (id: string): ModelStreamPart => ({
  type: 'tool-call',
  call: { id, name: 'send_voucher', arguments: { to: 'siti' } },
});
/** Ends the turn other than with text. */
export const outcome = (name: string, args: Readonly<Record<string, unknown>> = {}): ModelStreamPart => ({
  type: 'tool-call',
  call: { id: name, name, arguments: args },
});
export const cut = new ModelError('malformed', 'a', 'cut');

export function model(...acts: readonly Act[]): ScriptedModel {
  return createScriptedModel('scripted', ...acts);
}

/** A model that must not be called. */
export const noModel = (): ScriptedModel[] => [model()];

export function promptOf({ requests }: ScriptedModel, index = 0): ModelRequest {
  const request = requests[index];
  if (request === undefined) throw new Error('the model was not called');
  return request;
}

/** All parts of the user messages of a request, in order. */
export function partsOf({ messages }: ModelRequest): readonly UserPart[] {
  return messages.flatMap((message) => (message.role === 'user' ? message.parts : []));
}
