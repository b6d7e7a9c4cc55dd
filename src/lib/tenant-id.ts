/**
 * What a tenant may be called. Lower case only, because databases are named after it and MongoDB
 * takes two names that differ in case for one and refuses the second.
 */
export const TENANT_ID = /^[a-z0-9][a-z0-9_-]{0,47}$/;
