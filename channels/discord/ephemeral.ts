import type { CommandMenuEntry, InboundEvent } from '../../src/contracts/channel.js';
import { parseInteractionToken, toInteractionToken } from './interaction-token.js';

/**
 * Marks a staff command called where others can read as `aside`: the answer is about customers and the
 * business, so only the caller sees it.
 */
export function markEphemeral(event: InboundEvent, menu: readonly CommandMenuEntry[]): InboundEvent {
  if (event.type !== 'command' || event.interactionToken === undefined) return event;
  const isForStaff = menu.some(({ name, audience }) => name === event.name && audience === 'staff');
  const call = parseInteractionToken(event.interactionToken);
  if (!isForStaff || call === undefined || event.chat.kind === 'direct') return event;
  const ephemeral = { ...call, kind: 'aside', callerId: event.sender.id } as const;
  return { ...event, interactionToken: toInteractionToken(ephemeral) };
}
