/**
 * Allowed tenant ids. Lower case only, because databases are named after them and MongoDB refuses a name that
 * differs from another only in case.
 */
export const TENANT_ID = /^[a-z0-9][a-z0-9_-]{0,47}$/;
