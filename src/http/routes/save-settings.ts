import type { ServiceStore, Tenant } from '../../contracts/stores.js';
import type { TenantSettingsInput } from '../../contracts/settings.js';
import { tenantSettingsSchema } from '../../contracts/settings.js';
import { unknownProviders } from '../../lib/unknown-providers.js';
import { tenantIdSchema } from '../../lib/api/fields.js';
import { HttpProblem, invalidRequest } from '../../lib/api/problem.js';

/** What saving settings uses. */
export interface SaveSettingsNeeds {
  readonly service: ServiceStore;
  readonly models: {
    /** Names that a chain of models may use before the colon. */
    readonly providers: readonly string[];
  };
}

interface SavedSettings {
  readonly tenant: Tenant;
  readonly created: boolean;
  /** In clear, this once. */
  readonly madeKey: string | undefined;
}

/** Writes settings with defaults for what is absent; `apiKey` of `""` makes a key. */
export async function saveSettings(
  deps: SaveSettingsNeeds,
  wish: {
    readonly id: string;
    readonly settings: Omit<TenantSettingsInput, 'name'> & { readonly name?: string | undefined };
    readonly apiKey: '' | undefined;
  },
): Promise<SavedSettings> {
  const { id, settings, apiKey } = wish;
  refuseUnusableId(id);
  const name = settings.name ?? (await deps.service.tenant(id))?.settings.name;
  if (name === undefined) {
    throw invalidRequest('A new tenant needs a name.', [
      { path: 'name', code: 'required', message: 'A new tenant needs a name.' },
    ]);
  }
  refuseUnknownProviders(deps, settings);
  await refuseTakenHosts(deps, id, settings.hosts ?? []);
  const { tenant, created } = await deps.service.putTenant(
    id,
    tenantSettingsSchema.parse({ ...settings, name }),
  );
  const made = apiKey === undefined ? undefined : await deps.service.createKey(id, 'made with the settings');
  return { tenant, created, madeKey: made?.key };
}

function refuseUnusableId(id: string): void {
  const parsed = tenantIdSchema.safeParse(id);
  if (parsed.success) return;
  throw invalidRequest('The id of the tenant cannot be used.', [
    { path: 'id', code: 'invalid_format', message: parsed.error.issues[0]?.message ?? 'is not an id' },
  ]);
}

function refuseUnknownProviders(
  deps: SaveSettingsNeeds,
  settings: Pick<TenantSettingsInput, 'models'>,
): void {
  const problems = unknownProviders(settings, deps.models.providers);
  if (problems.length === 0) return;
  const errors = problems.map((problem) => ({ ...problem, code: 'unknown_provider' }));
  throw invalidRequest('The chain names a model provider that this service does not know.', errors);
}

/** A Host means one business: nobody takes over the visitors of another one. */
async function refuseTakenHosts(
  deps: SaveSettingsNeeds,
  id: string,
  hosts: readonly string[],
): Promise<void> {
  for (const [index, host] of hosts.entries()) {
    const owner = await deps.service.tenantByHost(host);
    if (owner === undefined || owner.id === id) continue;
    throw new HttpProblem(409, 'host_taken', 'One of the hosts belongs to another tenant.', {
      errors: [{ path: `hosts.${index}`, code: 'host_taken', message: 'It belongs to another tenant.' }],
    });
  }
}
