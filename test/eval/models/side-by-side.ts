import type { ModelReport } from './evaluate-model.js';

/** One row per figure, one column per model. */
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
