/** A service without commands: no menu and no suggestions. */
export const noOffers = {
  menu: [],
  suggest: () => Promise.resolve([]),
  suggestValues: () => Promise.resolve([]),
};
