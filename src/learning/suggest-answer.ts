import type { AnswerFinder, Finding, PossibleAnswer } from '../contracts/answers.js';
import type { AnswerDraft, TenantScope, UnansweredQuestion } from '../contracts/stores.js';

/** The known answers closest to a question, and a draft that staff may approve. */
export async function suggestAnswer(
  scope: TenantScope,
  { question, locale, draft }: UnansweredQuestion,
  finder: Pick<AnswerFinder, 'find'>,
): Promise<{ readonly nearest: readonly PossibleAnswer[]; readonly draft?: AnswerDraft }> {
  const nearest = nearestIn(await finder.find(scope, { text: question, before: [], locale }));
  const [first] = nearest;
  if (draft !== undefined) return { nearest, draft };
  if (first === undefined) return { nearest };
  return { nearest, draft: { text: first.text, source: 'passage', title: first.title } };
}

function nearestIn(finding: Finding): readonly PossibleAnswer[] {
  switch (finding.type) {
    case 'sure':
      return [finding.answer, ...finding.more];
    case 'partial':
      return [finding.answer];
    case 'close':
      return finding.choices;
    case 'none':
      return finding.near;
    default:
      return finding satisfies never;
  }
}
