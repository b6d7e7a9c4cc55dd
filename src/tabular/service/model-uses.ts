import type { TenantSettings } from '../../contracts/settings.js';
import { allItems, type TenantScope } from '../../contracts/stores.js';
import { tabularStore, type ModelRow, type ScoringRow } from '../records/records.js';

/** A contact field that one version of a model writes. */
export interface ScoredField {
  readonly field: string;
  readonly hasSchedule: boolean;
  readonly followsChanges: boolean;
  readonly hasRule: boolean;
}

/** What depends on one version of a model, and so changes if it is removed. */
export interface ModelUses {
  /** It is the version that its name stands for. */
  readonly isInUse: boolean;
  /** Replaces a version in use: the one in use before it, or else the newest. */
  readonly successor?: ModelRow;
  readonly fields: readonly ScoredField[];
  /** How many answers the settings choose by the intents of the version in use. */
  readonly answers: number;
  /** Names of the agents they choose by these intents. */
  readonly agents: readonly string[];
}

/** Maximum number of fields searched for those that a model writes. */
const SEARCHED = 500;

export async function usesOf(scope: TenantScope, model: ModelRow): Promise<ModelUses> {
  const fields = await fieldsOf(scope, model);
  const { models } = scope.store(tabularStore);
  const isInUse = (await models.active(model.name))?._id === model._id;
  if (!isInUse) return { isInUse, fields, answers: 0, agents: [] };
  const others = (await models.versions(model.name)).filter(({ _id }) => _id !== model._id);
  const [successor] = others.toSorted(
    (a, b) => (b.activation ?? 0) - (a.activation ?? 0) || b.version - a.version,
  );
  return { isInUse, ...(successor && { successor }), fields, ...intentUses(scope.settings, model) };
}

async function fieldsOf(scope: TenantScope, { _id }: ModelRow): Promise<readonly ScoredField[]> {
  const { scorings, scoreSchedules } = scope.store(tabularStore);
  const ofModel = ({ modelId }: ScoringRow): boolean => modelId === _id;
  const followed = (await allItems((page) => scorings.list(page), SEARCHED)).filter(ofModel);
  const scheduled = (await allItems((page) => scoreSchedules.list(page), SEARCHED)).filter(ofModel);
  const names = new Set([...scheduled, ...followed].map((row) => row._id));
  return [...names].sort().map((field) => {
    const schedule = scheduled.find((row) => row._id === field);
    const following = followed.find((row) => row._id === field);
    return {
      field,
      hasSchedule: schedule !== undefined,
      followsChanges: following !== undefined,
      hasRule: schedule?.rule !== undefined || following?.rule !== undefined,
    };
  });
}

function intentUses(
  // Settings stored before intents existed have none.
  { intents, agents = [] }: Partial<TenantSettings>,
  { name, task }: ModelRow,
): Pick<ModelUses, 'answers' | 'agents'> {
  if (task !== 'text' || intents?.model !== name) return { answers: 0, agents: [] };
  const choosing = agents.filter((agent) => (agent.intents ?? []).length > 0);
  return { answers: intents.answers.length, agents: choosing.map((agent) => agent.name) };
}
