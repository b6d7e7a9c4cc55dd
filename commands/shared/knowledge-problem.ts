import { ChannelError } from '../../src/contracts/channel.js';
import type { CommandContext, CommandReply } from '../../src/contracts/command.js';
import type { Translate } from '../../src/contracts/i18n.js';
import { KnowledgeError } from '../../src/contracts/knowledge.js';

/** Runs work on files and texts that people sent; problems with those become the reply. */
export async function explainingProblems(
  { t }: CommandContext,
  work: () => Promise<CommandReply | undefined>,
): Promise<CommandReply | undefined> {
  try {
    return await work();
  } catch (error) {
    const text = knowledgeProblem(t, error);
    if (text === undefined) throw error;
    return { text };
  }
}

/** `undefined`: the sender did not cause the error. */
function knowledgeProblem(t: Translate, error: unknown): string | undefined {
  // Platforms refuse to deliver files above their size limit.
  if (error instanceof ChannelError && error.kind === 'rejected') return t('command.problem.tooLarge');
  if (!(error instanceof KnowledgeError)) return undefined;
  switch (error.kind) {
    case 'unsupported-type':
      return t('command.problem.unsupportedType');
    case 'unreadable':
      return t('command.problem.unreadable');
    case 'no-text':
      return t('command.problem.noText');
    case 'too-large':
      return t('command.problem.tooLarge');
    case 'invalid-csv':
      return error.options.row === undefined
        ? t('command.problem.invalidCsv')
        : t('command.problem.invalidCsvRow', { row: error.options.row });
    case 'not-found':
      return t('command.problem.notFound');
    default: {
      const unexpected: never = error.kind;
      return unexpected;
    }
  }
}
