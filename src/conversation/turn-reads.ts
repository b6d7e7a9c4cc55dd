import type { Finding } from '../contracts/answers.js';
import type { TenantSettings } from '../contracts/settings.js';
import type { Turn } from '../contracts/turn.js';
import { questionsBefore } from '../lib/text/follow-up.js';
import type { ConversationDependencies } from './dependencies.js';
import type { TurnState } from './turn-state.js';

/** Earlier turns considered for understanding a question. */
const HISTORY_TURNS = 12;

/** Lookups shared by the steps of one turn: each is done when first needed, and only once. */
export class TurnReads {
  private turns: Promise<readonly Turn[]> | undefined;
  private cachedFinding: Promise<Finding> | undefined;
  private cachedIntent: Promise<string | undefined> | undefined;

  constructor(
    private readonly state: TurnState,
    private readonly deps: Pick<ConversationDependencies, 'finder' | 'intents'>,
  ) {}

  /** Turns since the person asked to be forgotten, oldest first, without commands. */
  async history(): Promise<readonly Turn[]> {
    return (await this.recent()).filter(({ answer }) => answer.source !== 'command');
  }

  /** The same, including commands. */
  recent(): Promise<readonly Turn[]> {
    this.turns ??= readTurns(this.state);
    return this.turns;
  }

  /** Names of the other people in this group, by contact id; empty in a private chat. */
  async names(): Promise<ReadonlyMap<string, string>> {
    const { scope, conversation, contact } = this.state;
    if (conversation.chat.kind !== 'group') return new Map();
    const ids = new Set((await this.history()).map(({ contactId }) => contactId));
    ids.delete(contact.id);
    const contacts = await Promise.all(
      [...ids].map(async (id) => ({ id, of: await scope.contacts.get(id) })),
    );
    return new Map(contacts.flatMap(({ id, of }) => (of?.name === undefined ? [] : [[id, of.name]])));
  }

  /** Earlier questions of this person here that the current one follows up on, oldest first. */
  async questionsBefore(): Promise<readonly string[]> {
    const history = await this.ownHistory();
    return questionsBefore(
      this.state.question,
      history.map(({ input }) => input),
    );
  }

  /** Excludes what others in a group asked: nobody follows up on that. */
  async ownHistory(): Promise<readonly Turn[]> {
    const { contact, conversation } = this.state;
    const history = await this.history();
    if (conversation.chat.kind !== 'group') return history;
    return history.filter(({ contactId }) => [contact.id, ...contact.formerIds].includes(contactId));
  }

  /** What the business's knowledge has for this turn's question. */
  finding(): Promise<Finding> {
    this.cachedFinding ??= this.find();
    return this.cachedFinding;
  }

  /** The intent the business's own model detects in this message, if it is certain enough. */
  takenFor(): Promise<string | undefined> {
    this.cachedIntent ??= this.takeFor();
    return this.cachedIntent;
  }

  private async takeFor(): Promise<string | undefined> {
    const { scope, text, smallTalk } = this.state;
    // Settings stored before intents existed have none.
    const { intents }: Partial<TenantSettings> = scope.settings;
    if (intents === undefined || intents === null || text === '' || smallTalk !== undefined) return undefined;
    const prediction = await this.deps.intents?.intentOf(scope, intents.model, text);
    if (prediction === undefined) return undefined;
    const { intent, probability, familiarity } = prediction;
    // Settings stored before this one existed have none.
    const { familiar_at_least: familiarAtLeast = 0 }: Partial<typeof intents> = intents;
    return probability >= intents.at_least && familiarity >= familiarAtLeast ? intent : undefined;
  }

  private async find(): Promise<Finding> {
    const { scope, question, locale } = this.state;
    const [history, before] = await Promise.all([this.ownHistory(), this.questionsBefore()]);
    const { reference: previous, otherRows: previousRows } = history.at(-1)?.answer ?? {};
    return this.deps.finder.find(scope, {
      text: question,
      before,
      locale,
      ...(previous === undefined ? {} : { previous }),
      ...(previousRows === undefined ? {} : { previousRows }),
    });
  }
}

async function readTurns({ scope, conversation }: TurnState): Promise<readonly Turn[]> {
  const turns = await scope.turns.history(conversation.id, HISTORY_TURNS);
  const since = conversation.forgottenBefore?.getTime() ?? 0;
  return turns.filter((turn) => turn.createdAt.getTime() > since);
}
