import type { ModelReport } from './evaluate-model.js';

/** A row for each figure, a column for each model. */
export function sideBySide(reports: readonly ModelReport[]): string {
  const names = [...new Set(reports.flatMap(({ figures }) => Object.keys(figures)))];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(['', ...reports.map(({ model }) => model)]),
    row(['---', ...reports.map(() => '---')]),
    ...names.map((name) => row([name, ...reports.map(({ figures }) => figures[name] ?? '-')])),
    ...reports.flatMap(({ model, failures }) =>
      failures.map(
        ({ ask, answer, problem }) => `\n${model}: "${ask}" ${problem}\n  ${answer.slice(0, 300)}`,
      ),
    ),
  ].join('\n');
}
