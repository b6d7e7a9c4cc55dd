import type { Contact, TenantScope } from '../contracts/stores.js';

/** Staff are those who spent a code, and those whose ids on the platform the settings name. */
export function isStaffMember(
  scope: TenantScope,
  contact: Contact,
  channel: string,
  userId: string | undefined,
): boolean {
  return (
    contact.isStaff ||
    scope.settings.staff.some((member) => member.channel === channel && member.user_id === userId)
  );
}
