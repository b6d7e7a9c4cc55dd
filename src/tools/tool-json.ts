import { z } from 'zod';
import type { ToolSpec } from '../contracts/model.js';
import { CONFIRMATIONS, type Tool } from '../contracts/tool.js';
import { effective } from './offered.js';
import type { ToolSettings } from './tool-settings-store.js';

export const toolSchema = z.object({
  name: z.string(),
  description: z.string(),
  effect: z.enum(['read', 'write']),
  permission: z.enum(['everyone', 'staff']),
  confirmation: z.enum(CONFIRMATIONS),
  enabled: z.boolean(),
  origin: z.enum(['sapa', 'own']),
  input_schema: z.record(z.string(), z.unknown()),
});

export const toolExample = {
  name: 'schedule_follow_up',
  description: 'Writes to the person who asks at a later time.',
  effect: 'write',
  permission: 'everyone',
  confirmation: 'person',
  enabled: true,
  origin: 'sapa',
  input_schema: { type: 'object', properties: { message: { type: 'string' } } },
};

export function toolJson(
  { name, description, inputSchema }: ToolSpec,
  tool: Tool,
  settings: ToolSettings | undefined,
  origin: 'sapa' | 'own',
): z.output<typeof toolSchema> {
  const { enabled, confirmation } = effective(tool, settings);
  return {
    name,
    description,
    effect: tool.effect,
    permission: tool.permission ?? 'everyone',
    confirmation,
    enabled,
    origin,
    input_schema: { ...inputSchema },
  };
}
