import type { Finding } from '../contracts/answers.js';
import type { Turn } from '../contracts/turn.js';
import { questionsBefore } from '../lib/follow-up.js';
import type { ConversationDependencies } from './dependencies.js';
import type { TurnState } from './turn-state.js';

/** Earlier turns a question is understood with. */
const HISTORY_TURNS = 12;

/** What several steps of one turn look up: each is read when first needed, and once. */
export class TurnReads {
  private turns: Promise<readonly Turn[]> | undefined;
  private found: Promise<Finding> | undefined;

  constructor(
    private readonly state: TurnState,
    private readonly deps: Pick<ConversationDependencies, 'finder'>,
  ) {}

  /** What this conversation said since the person wanted it forgotten, oldest first, without commands. */
  async history(): Promise<readonly Turn[]> {
    return (await this.recent()).filter(({ answer }) => answer.source !== 'command');
  }

  /** The same with commands. */
  recent(): Promise<readonly Turn[]> {
    this.turns ??= readTurns(this.state);
    return this.turns;
  }

  /** The questions of this conversation that the one of this turn goes on from, oldest first. */
  async questionsBefore(): Promise<readonly string[]> {
    const history = await this.history();
    return questionsBefore(
      this.state.question,
      history.map(({ input }) => input),
    );
  }

  /** What the business says to the question of this turn. */
  finding(): Promise<Finding> {
    this.found ??= this.find();
    return this.found;
  }

  private async find(): Promise<Finding> {
    const { scope, question, locale } = this.state;
    const [history, before] = await Promise.all([this.history(), this.questionsBefore()]);
    const previous = history.at(-1)?.answer.reference;
    return this.deps.finder.find(scope, {
      text: question,
      before,
      locale,
      ...(previous === undefined ? {} : { previous }),
    });
  }
}

async function readTurns({ scope, conversation }: TurnState): Promise<readonly Turn[]> {
  const turns = await scope.turns.history(conversation.id, HISTORY_TURNS);
  const since = conversation.forgottenBefore?.getTime() ?? 0;
  return turns.filter((turn) => turn.createdAt.getTime() > since);
}
