import { modelCosine, type Features } from './features.js';

/** Features under construction. */
export type Draft = { -readonly [Name in keyof Features]: Features[Name] };

/** Fills in the features that compare a text with the other texts. */
export function addLeads(rows: Draft[]): Features[] {
  const byModel = rows.map(modelCosine);
  const cosineStanding = standing(rows.map(({ wholeCosine }) => wholeCosine));
  const modelLeads = leads(byModel);
  const modelStanding = standing(byModel);
  rows.forEach((row, i) => {
    row.standsOut = cosineStanding[i] ?? 0;
    row.modelLead = modelLeads[i] ?? 0;
    row.modelStandsOut = modelStanding[i] ?? 0;
  });
  return rows;
}

/** How far each value lies above the mean, in units of three standard deviations. */
function standing(values: readonly number[]): readonly number[] {
  const mean = average(values);
  const deviation = Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
  return values.map((value) => (value - mean) / (deviation + 1e-3) / 3);
}

/** The lead of the best value over the second; for the others, how far they are behind the best. */
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
