/** The parts of the API a key can be limited to, each for reading or writing. */
const AREAS = [
  'actions',
  'appointments',
  'audit',
  'channels',
  'chat',
  'contacts',
  'conversations',
  'faq',
  'follow-ups',
  'hooks',
  'interactions',
  'keys',
  'knowledge',
  'mcp',
  'openai',
  'reports',
  'settings',
  'tables',
  'tenants',
  'tools',
  'unanswered',
  'usage',
] as const;

/** `write` includes `read`. Extensions may define areas of their own. */
export type Permission = `${string}:${'read' | 'write'}`;

export const PERMISSIONS: readonly Permission[] = AREAS.flatMap((area): Permission[] => [
  `${area}:read`,
  `${area}:write`,
]);

/** Whether a caller with these scopes has the permission; without scopes, a caller may do everything. */
export function mayDo(scopes: readonly Permission[] | undefined, permission: Permission): boolean {
  if (scopes === undefined || scopes.includes(permission)) return true;
  return permission.endsWith(':read') && scopes.includes(`${permission.slice(0, -':read'.length)}:write`);
}
