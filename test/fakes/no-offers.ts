/** A service without commands: nothing to pick from, nothing to suggest. */
export const noOffers = {
  menu: [],
  suggest: () => Promise.resolve([]),
  suggestValues: () => Promise.resolve([]),
};
