import type { Sequences } from '../../automation/index.js';
import type { FindAccount, Outreach, Rewrite } from '../../contracts/chat.js';
import type { Events, EventType } from '../../contracts/events.js';
import {
  runWork,
  tableTools,
  tabularCommands,
  tabularRoutes,
  TabularService,
  TellTraining,
} from '../../tabular/index.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { Contribution } from '../extension.js';
import type { ObservableEvents } from '../observable-events.js';
import { HttpProblem } from '../../lib/api/problem.js';
import { staffChats } from '../../people/index.js';
import type { Foundation } from '../foundation.js';

/** Events that change a contact's row. */
const CHANGES: readonly EventType[] = ['contact.created', 'contact.updated', 'contact.merged'];

interface Needs extends Foundation {
  readonly outreach: Outreach;
  readonly rewrite: Rewrite;
  readonly events: Events;
  readonly findAccount: FindAccount;
  readonly sequences: Sequences;
  readonly observable: Pick<ObservableEvents, 'observe'>;
}

/** Models trained on tables, and what they contribute to other rooms. */
export function tabularRoom(needs: Needs): Contribution & {
  readonly tabular: TabularService;
} {
  const { queue, clock, makeId, i18n } = needs;
  const tabular = new TabularService({
    queue,
    runWork,
    clock,
    makeId,
    i18n,
    tell: new TellTraining(needs),
    ...ruleActions(needs),
  });
  needs.observable.observe(async (scope, type, { id }) => {
    if (CHANGES.includes(type) && typeof id === 'string') await tabular.contactChanged(scope, id);
  });
  return {
    tabular,
    routes: tabularRoutes(tabular),
    jobs: tabular.jobs(),
    commands: tabularCommands(tabular),
    tools: tableTools({ ...needs, tabular }),
  };
}

/** Actions a contact's score can trigger. */
function ruleActions({ sequences, outreach, findAccount }: Needs) {
  return {
    async enrol(scope: TenantScope, sequence: string, contactId: string): Promise<boolean> {
      try {
        return (await sequences.enrol(scope, sequence, contactId)) !== undefined;
      } catch (error) {
        // This person cannot be reached; continue with the others.
        if (error instanceof HttpProblem) return false;
        throw error;
      }
    },
    async tellStaff(scope: TenantScope, key: string, text: string): Promise<void> {
      const chats = await staffChats(scope, findAccount);
      for (const { conversation } of chats) {
        await outreach.say(scope, conversation.id, `${key} ${conversation.id}`, text, 'command');
      }
    },
  };
}
