/** Turns text into a name every vendor accepts: lower-case letters, digits and `_`. */
export function toolName(text: string): string {
  return text
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 56);
}

export function freeName(base: string, isTaken: (name: string) => boolean): string {
  let name = base;
  for (let n = 2; isTaken(name); n += 1) name = `${base}_${n}`;
  return name;
}
