/** The account of people who are known by the word of an API client only. */
export const API_ACCOUNT_ID = 'api';
