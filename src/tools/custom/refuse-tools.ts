import type { TenantScope } from '../../contracts/stores.js';
import { HttpProblem } from '../../lib/api/problem.js';
import { MOST_CUSTOM_TOOLS } from './custom-tool.js';
import type { CustomTools } from './custom-tools.js';

export async function refuseTooMany(
  customTools: CustomTools,
  scope: TenantScope,
  names: readonly string[],
): Promise<void> {
  if (await customTools.hasRoom(scope, names)) return;
  throw new HttpProblem(
    409,
    'too_many_tools',
    `A business has at most ${MOST_CUSTOM_TOOLS} tools of its own.`,
  );
}

export async function refuseTaken(customTools: CustomTools, scope: TenantScope, name: string): Promise<void> {
  if (customTools.isTaken(name)) {
    throw new HttpProblem(409, 'tool_built_in', 'A tool that comes with Sapa has this name.');
  }
  await refuseTooMany(customTools, scope, [name]);
}

export function withoutPlaceholders(url: string): string {
  return url.replace(/\{[^{}]*\}/g, 'x');
}
