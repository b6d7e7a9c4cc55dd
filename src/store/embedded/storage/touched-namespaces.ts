/** The namespaces the current command has accessed; its reply may show what was written there. */
export class TouchedNamespaces {
  readonly namespaces = new Set<string>();
  /** True if it accessed more than can be determined. */
  all = false;

  add(namespace: string): void {
    this.namespaces.add(namespace);
  }

  everything(): void {
    this.all = true;
  }

  clear(): void {
    this.namespaces.clear();
    this.all = false;
  }
}
