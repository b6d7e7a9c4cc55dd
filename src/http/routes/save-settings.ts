import type { ServiceStore, Tenant } from '../../contracts/stores.js';
import type { Permission } from '../../contracts/permissions.js';
import type { TenantSettings } from '../../contracts/settings.js';
import {
  changedSettings,
  OPERATOR_SETTINGS,
  settingAt,
  type TenantSettingsChange,
} from '../../contracts/settings-change.js';
import { isDeepStrictEqual } from 'node:util';
import { tenantIdSchema } from '../../lib/api/fields.js';
import { HttpProblem, invalidRequest } from '../../lib/api/problem.js';
import { unknownProviders, type OfferedModels } from '../../lib/unknown-providers.js';

/** Dependencies for saving settings. */
export interface SaveSettingsNeeds {
  readonly service: ServiceStore;
  readonly models: OfferedModels;
}

interface SavedSettings {
  readonly tenant: Tenant;
  readonly created: boolean;
  /** In plain text, returned only this once. */
  readonly madeKey: string | undefined;
}

/** Changes the named fields, or creates the tenant; an `apiKey` of `""` generates a key. */
export async function saveSettings(
  deps: SaveSettingsNeeds,
  wish: {
    readonly id: string;
    readonly change: TenantSettingsChange;
    readonly apiKey: '' | undefined;
    readonly isOperator: boolean;
    /** Change only this version. */
    readonly ifVersion?: number | undefined;
    /** The scopes of the calling key; a key it creates may do no more. */
    readonly keyScopes?: readonly Permission[] | undefined;
  },
): Promise<SavedSettings> {
  const { id, change, apiKey, isOperator, ifVersion, keyScopes } = wish;
  refuseUnusableId(id);
  refuseUnknownProviders(deps, change);
  await refuseTakenHosts(deps, id, change.hosts ?? []);
  const { tenant, created } = await deps.service.changeTenant(
    id,
    (before) => {
      if (before === undefined && change.name === undefined) throw nameRequired();
      if (!isOperator) refuseOperatorSettings(before, change);
      const after = changedSettings(before, change);
      if (change.models !== undefined || change.agents !== undefined) refuseOtherModels(after);
      return after;
    },
    ifVersion === undefined ? {} : { ifVersion, fields: Object.keys(change) },
  );
  const createdKey =
    apiKey === undefined ? undefined : await deps.service.createKey(id, 'made with the settings', keyScopes);
  return { tenant, created, madeKey: createdKey?.key };
}

function nameRequired(): HttpProblem {
  return invalidRequest('A new tenant needs a name.', [
    { path: 'name', code: 'required', message: 'A new tenant needs a name.' },
  ]);
}

/** Repeating the current value is allowed, so that settings can be written back as read. */
function refuseOperatorSettings(before: TenantSettings | undefined, change: TenantSettingsChange): void {
  const paths = OPERATOR_SETTINGS.filter((path) => {
    // Resetting a section also resets the operator's settings in it.
    const isWhole = settingAt(change, path.split('.', 1).join()) === null;
    const value = isWhole ? null : settingAt(change, path);
    return value !== undefined && !isDeepStrictEqual(value ?? [], settingAt(before, path) ?? []);
  });
  if (paths.length === 0) return;
  throw new HttpProblem(403, 'operator_only', 'Only the operator of this service may set this.', {
    errors: paths.map((path) => ({
      path,
      code: 'operator_only',
      message: 'Only the operator of this service may set it.',
    })),
  });
}

function refuseOtherModels({
  models,
  agents = [],
}: Pick<TenantSettings, 'models'> & Partial<TenantSettings>): void {
  // Businesses created before the list existed have none.
  const allowed = (models.allowed as readonly string[] | undefined) ?? [];
  if (allowed.length === 0) return;
  const candidates = [
    ...models.chain.map((spec, index) => ({ spec, path: `models.chain.${index}` })),
    ...agents.flatMap(({ chain = [] }, agent) =>
      chain.map((spec, index) => ({ spec, path: `agents.${agent}.chain.${index}` })),
    ),
  ];
  const errors = candidates
    .filter(({ spec }) => !allowed.includes(spec))
    .map(({ path }) => ({ path, code: 'not_allowed', message: `Allowed here: ${allowed.join(', ')}.` }));
  if (errors.length > 0) throw invalidRequest('The chain names a model that is not allowed here.', errors);
}

function refuseUnusableId(id: string): void {
  const parsed = tenantIdSchema.safeParse(id);
  if (parsed.success) return;
  throw invalidRequest('The id of the tenant cannot be used.', [
    { path: 'id', code: 'invalid_format', message: parsed.error.issues[0]?.message ?? 'is not an id' },
  ]);
}

function refuseUnknownProviders(deps: SaveSettingsNeeds, { models }: TenantSettingsChange): void {
  const problems = unknownProviders(models?.chain ?? [], deps.models);
  if (problems.length === 0) return;
  const errors = problems.map((problem) => ({ ...problem, code: 'unknown_provider' }));
  throw invalidRequest('The chain names a model provider that this service does not know.', errors);
}

/** A host belongs to one business: nobody can take over another's visitors. */
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
