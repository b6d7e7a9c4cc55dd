import type { TenantScope } from '../../contracts/stores.js';
import { HttpProblem } from '../../lib/api/problem.js';
import { MOST_OWN_TOOLS } from './own-tool.js';
import type { OwnTools } from './own-tools.js';

export async function refuseTooMany(
  own: OwnTools,
  scope: TenantScope,
  names: readonly string[],
): Promise<void> {
  if (await own.hasRoom(scope, names)) return;
  throw new HttpProblem(409, 'too_many_tools', `A business has at most ${MOST_OWN_TOOLS} tools of its own.`);
}

export async function refuseTaken(own: OwnTools, scope: TenantScope, name: string): Promise<void> {
  if (own.isTaken(name)) {
    throw new HttpProblem(409, 'tool_built_in', 'A tool that comes with Sapa has this name.');
  }
  await refuseTooMany(own, scope, [name]);
}

export function withoutPlaceholders(url: string): string {
  return url.replace(/\{[^{}]*\}/g, 'x');
}
