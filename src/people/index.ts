export { contactImportStore, ContactImports } from './contact-imports.js';
export { followHistoryDays, oldHistoryJobs } from './old-history.js';
export { exportContacts } from './export-contacts.js';
export { createContactDesk } from './contact-desk.js';
export { createHandOver } from './hand-over.js';
export { handOverJobs } from './hand-over-jobs.js';
export { contactRoutes } from './contact-routes.js';
export { staffChats } from './staff-chats.js';
export { toldHandOver } from './told-hand-over.js';
