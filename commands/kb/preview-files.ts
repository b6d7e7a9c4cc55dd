import { defineSubcommand, type CommandContext } from '../../src/contracts/command.js';
import type { KnowledgeService } from '../../src/contracts/knowledge.js';
import { quote } from '../../src/lib/text/excerpt.js';
import { explainingProblems } from '../shared/knowledge-problem.js';

const SHOWN_CHARACTERS = 200;

/** Reads and previews files that staff send without a text; they are stored only on request. */
export const previewFiles = defineSubcommand({
  unlisted: true,
  description: 'command.kb.preview',
  options: { files: { type: 'file', many: true, description: 'command.kb.files' } },
  run: (context: CommandContext<{ readonly knowledge: KnowledgeService }>, { files }) =>
    explainingProblems(context, async () => {
      const { t, services, signal, turnId } = context;
      const lines: string[] = [];
      for (const [index, file] of files.entries()) {
        const fileName = file.fileName ?? t('command.kb.unnamedFile', { number: index + 1 });
        const bytes = await file.download();
        const { title, kind, characters, beginning } = await services.knowledge.preview(
          { fileName, bytes },
          signal,
        );
        lines.push(
          t('command.kb.read', {
            title: quote(title),
            kind,
            characters,
            beginning: quote(beginning, SHOWN_CHARACTERS),
          }),
        );
      }
      if (lines.length === 0) return undefined;
      return {
        text: [...lines, t('command.kb.ask')].join('\n\n'),
        buttons: [
          [{ label: t('button.addToKnowledge'), action: `/kb add from=${turnId}` }],
          ...(isOneTable(files) ? [[{ label: t('tables.button.learn'), action: '/train' }]] : []),
          [{ label: t('button.leaveIt'), action: '/kb ignore' }],
        ],
      };
    }),
});

/** Whether a model can be trained on it. */
function isOneTable(files: readonly { readonly fileName?: string }[]): boolean {
  return files.length === 1 && /\.(?:csv|tsv)$/i.test(files[0]?.fileName ?? '');
}
