import type { Action } from '../contracts/actions.js';
import type { ToolCall, ToolResult } from '../contracts/model.js';
import type { Logger } from '../contracts/runtime.js';
import type { UnconfirmedAction, ToolContext, ToolErrorKind, ToolRunner } from '../contracts/tool.js';
import type { TenantScope } from '../contracts/stores.js';
import { oncePer } from '../lib/work/once-per.js';
import type { ActionsService } from './actions-service.js';
import { executeToolCall } from './execute-tool-call.js';
import { effective, isOffered } from './offered.js';
import type { Toolbox } from './registry.js';
import { toolSettingsStore } from './tool-settings-store.js';

/** The tools a turn can use: those the business offers to whoever asks, within their permissions. */
export function createToolRunner(deps: {
  readonly toolbox: Toolbox;
  readonly actions: ActionsService;
  readonly logger: Logger;
}): ToolRunner {
  const { toolbox, actions, logger } = deps;
  const load = oncePer((scope: TenantScope) =>
    Promise.all([toolbox.of(scope), scope.store(toolSettingsStore).all()]),
  );
  return {
    specs: toolbox.builtIn.specs,
    async specsFor(scope, isStaff) {
      const [registry, settings] = await load(scope);
      return registry.specs.filter(({ name }) => {
        const tool = registry.get(name);
        return tool !== undefined && isOffered(tool, settings.get(name), isStaff);
      });
    },
    execute: (call, context) => execute(call, context),
  };

  async function execute(call: ToolCall, context: ToolContext): Promise<ToolResult | UnconfirmedAction> {
    const registry = await toolbox.of(context.scope);
    const tool = registry.get(call.name);
    const settings = await context.scope.store(toolSettingsStore).get(call.name);
    if (tool === undefined || !isOffered(tool, settings, context.isStaff)) {
      return failure(call, 'unknown-tool', `There is no tool named ${call.name}.`);
    }
    // Invalid calls need no confirmation either: the model is told what is wrong.
    if (tool.effect === 'read' || !tool.inputSchema.safeParse(call.arguments).success) {
      const outcome = await executeToolCall(call, { registry, context, logger, isConfirmed: false });
      return outcome.result;
    }
    const { confirmation } = effective(tool, settings);
    if (confirmation === 'never') return resultOf(call, await actions.runUnasked(tool, call, context));
    const {
      id,
      tool: name,
      summary,
      expiresAt,
      ...action
    } = await actions.ask(tool, call, confirmation, context);
    const decider = action.confirmation === 'staff' ? 'staff' : 'person';
    return {
      pending: { id, tool: name, arguments: action.arguments, summary, confirmation: decider, expiresAt },
    };
  }
}

function resultOf(call: ToolCall, action: Action): ToolResult {
  if (action.status !== 'done') {
    const isKnown = action.status === 'failed' && action.error?.code !== 'unknown';
    return isKnown
      ? failure(call, 'failed', action.error?.detail ?? 'It did not work.')
      : failure(call, 'unknown', 'It is not known whether it was done. Say so, and do not try again.');
  }
  const { result } = action;
  const content = typeof result === 'string' ? result : JSON.stringify(result);
  return { callId: call.id, name: call.name, content, isError: false };
}

function failure(call: ToolCall, error: ToolErrorKind, message: string): ToolResult {
  const content = JSON.stringify({ error, message });
  return { callId: call.id, name: call.name, content, isError: true };
}
