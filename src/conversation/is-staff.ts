import type { Sender } from '../contracts/channel.js';
import type { Contact, TenantScope } from '../contracts/stores.js';
import { API_ACCOUNT_ID } from '../lib/channels/api-account.js';

/**
 * Staff are people who used a staff code, people whose platform ids the settings list, and people the
 * platform itself identifies as staff. An API client's claim about who is writing is only its word, and
 * grants no platform rights.
 */
export function isStaffMember(
  scope: TenantScope,
  contact: Contact,
  { accountId, channel }: { readonly accountId: string; readonly channel: string },
  sender: Partial<Pick<Sender, 'id' | 'isStaff'>> | undefined,
): boolean {
  const place = accountId === API_ACCOUNT_ID ? API_ACCOUNT_ID : channel;
  return (
    contact.isStaff ||
    sender?.isStaff === true ||
    scope.settings.staff.some((member) => member.channel === place && member.user_id === sender?.id)
  );
}
