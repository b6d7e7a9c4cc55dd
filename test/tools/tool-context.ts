import type { TenantSettingsInput } from '../../src/contracts/settings.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import type { ToolContext } from '../../src/contracts/tool.js';

/** A context whose scope has only settings; a tool that uses a store fails its test. */
export function toolContext(settings: Partial<TenantSettingsInput> = {}, now = new Date()): ToolContext {
  const known: Pick<TenantScope, 'tenantId' | 'settings'> = {
    tenantId: 'melati',
    settings: tenantSettingsSchema.parse({ name: 'Toko Melati', ...settings }),
  };
  const scope = new Proxy(known, {
    get(target, property, receiver): unknown {
      if (property in target) return Reflect.get(target, property, receiver);
      throw new Error(`the tool reached for ${String(property)}`);
    },
  }) as TenantScope;
  return {
    scope,
    contactId: 'contact_1',
    conversationId: 'conversation_1',
    turnId: 't_1',
    isStaff: false,
    locale: 'en',
    now,
    signal: new AbortController().signal,
  };
}
