export { Accounts } from './accounts.js';
export { createChannelDesk } from './channel-desk.js';
export { Connections } from './connections.js';
export { SharedBots } from './shared-bots.js';
export { SharedChatTexts } from './shared-chat-texts.js';
export { SharedWaits } from './shared-waits.js';
export { createWebhooks } from './webhooks.js';
