import type { AuditLog } from '../../contracts/audit.js';
import { followUpStore, type FollowUps } from '../../automation/index.js';
import type { Actions } from '../../contracts/actions.js';
import type { FindAccount } from '../../contracts/chat.js';
import type { ContactDesk } from '../../contracts/contact-desk.js';
import type { KnowledgeService } from '../../contracts/knowledge.js';
import type { Job } from '../../contracts/queue.js';
import type { Reports } from '../../contracts/reports.js';
import type { Conversation, TenantScope } from '../../contracts/stores.js';
import type { Tool, ToolRunner } from '../../contracts/tool.js';
import { isStaffMember } from '../../conversation/index.js';
import type { Route } from '../../lib/api/route.js';
import { createCatalogue } from '../../knowledge/index.js';
import { exportContacts, staffChats } from '../../people/index.js';
import type { TabularService } from '../../tabular/index.js';
import {
  actionRoutes,
  ActionsService,
  appointmentRoutes,
  appointmentTools,
  businessTools,
  calculateTool,
  catalogueTools,
  contactTools,
  convertUnitsTool,
  createSearchKnowledgeTool,
  createToolbox,
  createToolRegistry,
  createToolRunner,
  currentTimeTool,
  dateMathTool,
  followUpTools,
  headerVault,
  mcpRoutes,
  McpServers,
  openingHoursTool,
  CustomTools,
  customToolRoutes,
  tableTools,
  teamTools,
  toolRoutes,
  type BusinessToolNeeds,
  type OwnFollowUps,
  type TeamToolNeeds,
} from '../../tools/index.js';
import { crashAt } from '../crash-at.js';
import type { Foundation } from '../foundation.js';
import { tableDesk } from './table-desk.js';

interface Needs extends Foundation, BusinessToolNeeds {
  readonly audit: AuditLog;
  readonly knowledge: KnowledgeService;
  readonly findAccount: FindAccount;
  readonly followUps: FollowUps;
  readonly contacts: ContactDesk;
  readonly reports: Reports;
  readonly tabular: TabularService;
}

/** Maximum number of one person's messages searched. */
const MOST_FOLLOW_UPS = 50;

/** The tools models can call, and the handling of those with effects. */
export function toolsRoom(
  needs: Needs,
  contributed: readonly Tool[],
): {
  readonly tools: ToolRunner;
  readonly actions: Actions;
  readonly toolRoutes: readonly Route[];
  readonly toolJobs: readonly Job[];
} {
  const { knowledge, findAccount, logger, secrets } = needs;
  const staffConversations: TeamToolNeeds['staffConversations'] = async (scope, contactId) => {
    const chats = await staffChats(scope, findAccount, { contactId });
    return chats.map(({ conversation }) => conversation);
  };
  const builtIn = createToolRegistry([
    currentTimeTool,
    createSearchKnowledgeTool({ retriever: (scope) => knowledge.retriever(scope) }),
    openingHoursTool,
    calculateTool,
    convertUnitsTool,
    ...contactTools,
    ...followUpTools({ followUps: ownFollowUps(needs.followUps) }),
    ...businessTools(needs),
    dateMathTool,
    ...catalogueTools({ catalogue: createCatalogue() }),
    ...teamTools({ ...needs, staffConversations, exportContacts }),
    ...appointmentTools({ ...needs, staffConversations }),
    ...tableTools({ ...needs, tables: tableDesk(needs.tabular) }),
    ...contributed,
  ]);
  const vault = headerVault(secrets.sealingKey);
  const servers = new McpServers({ ...needs, builtIn, vault });
  const own = new CustomTools({ ...needs, builtIn, vault, servers });
  const toolbox = createToolbox(builtIn, (scope) => own.of(scope));
  const actions = new ActionsService({
    ...needs,
    at: crashAt(needs.settings.SAPA_CRASH_AT),
    toolbox,
    isStaff,
    staffConversations,
  });
  const runner = createToolRunner({ toolbox, actions, logger });
  return {
    tools: runner,
    actions,
    toolRoutes: [
      ...toolRoutes({ toolbox, own }),
      ...customToolRoutes({ ...needs, toolbox, own, servers }),
      ...appointmentRoutes(needs),
      ...mcpRoutes({ ...needs, toolbox, runner, isStaff }),
      ...actionRoutes({ ...needs, actions }),
    ],
    toolJobs: [...actions.jobs(), ...servers.jobs()],
  };
}

async function isStaff(scope: TenantScope, contactId: string, conversation: Conversation): Promise<boolean> {
  const contact = await scope.contacts.get(contactId);
  if (contact === undefined) return false;
  const { accountId } = conversation;
  const identity = contact.identities.find((each) => each.accountId === accountId);
  return isStaffMember(scope, contact, conversation, identity && { id: identity.userId });
}

function ownFollowUps(followUps: FollowUps): OwnFollowUps {
  return {
    async schedule(scope, { contactId, conversationId }, message, at) {
      const [contact, conversation] = await Promise.all([
        scope.contacts.get(contactId),
        scope.conversations.get(conversationId),
      ]);
      if (contact === undefined || conversation === undefined) return undefined;
      return followUps.schedule(scope, {
        contact,
        conversation,
        message,
        at,
        timezone: scope.settings.timezone,
        // The person asked for it, so writing in the meantime does not cancel it.
        cancelOnReply: false,
        respectHours: false,
        wanted: true,
      });
    },
    async pending(scope, contactId) {
      const contact = await scope.contacts.get(contactId);
      const contactIds = contact === undefined ? [] : [contact.id, ...contact.formerIds];
      const filter = { status: 'pending', contactIds } as const;
      return (await scope.store(followUpStore).list(filter, { limit: MOST_FOLLOW_UPS })).items;
    },
    cancel: async (scope, id) => (await followUps.cancel(scope, id)) !== undefined,
  };
}
