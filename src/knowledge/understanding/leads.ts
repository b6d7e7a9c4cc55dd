import { modelCosine, type Features } from './features.js';

/** Features that are still being filled in. */
export type Draft = { -readonly [Name in keyof Features]: Features[Name] };

/** Fills in what only shows beside the others: how far ahead of the next one a text is. */
export function addLeads(rows: Draft[]): Features[] {
  const byModel = rows.map(modelCosine);
  const cosines = leads(rows.map((row) => Math.max(row.headCosine, row.bodyCosine * 0.9)));
  const stands = standing(rows.map(({ wholeCosine }) => wholeCosine));
  const modelLeads = leads(byModel);
  const modelStands = standing(byModel);
  const nears = leads(rows.map(({ askedNearEntry }) => askedNearEntry));
  const sames = leads(rows.map(({ askedInHead, headInAsked }) => askedInHead + headInAsked));
  rows.forEach((row, i) => {
    row.leadCosine = cosines[i] ?? 0;
    row.standsOut = stands[i] ?? 0;
    row.modelLead = modelLeads[i] ?? 0;
    row.modelStandsOut = modelStands[i] ?? 0;
    row.leadNear = nears[i] ?? 0;
    row.leadSame = sames[i] ?? 0;
  });
  return rows;
}

/** How far each value stands out of the others, in thirds of their deviation. */
function standing(values: readonly number[]): readonly number[] {
  const mean = average(values);
  const deviation = Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
  return values.map((value) => (value - mean) / (deviation + 1e-3) / 3);
}

/** Of the best how far it is ahead of the second, of the others how far they are behind the best. */
function leads(values: readonly number[]): readonly number[] {
  if (values.length < 2) return values;
  let [first, second] = [-Infinity, -Infinity];
  for (const value of values) {
    if (value > first) [first, second] = [value, first];
    else if (value > second) second = value;
  }
  return values.map((value) => value - (value >= first - 1e-12 ? second : first));
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
