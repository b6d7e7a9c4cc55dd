import type { Confirmation, Tool } from '../contracts/tool.js';
import type { ToolSettings } from './tool-settings-store.js';

/** The settings of a tool in one business: what the business chose, or else the tool's defaults. */
export function effective(
  tool: Tool,
  settings: ToolSettings = {},
): { readonly enabled: boolean; readonly confirmation: Confirmation } {
  return {
    enabled: settings.enabled ?? tool.isOptional !== true,
    confirmation: tool.effect === 'read' ? 'never' : (settings.confirmation ?? tool.confirmation ?? 'person'),
  };
}

export function isOffered(tool: Tool, settings: ToolSettings | undefined, isStaff: boolean): boolean {
  return effective(tool, settings).enabled && (isStaff || tool.permission !== 'staff');
}
