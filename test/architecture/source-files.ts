import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import ts from 'typescript';
import { projectRoot } from '../../src/lib/project-root.js';

export interface SourceFile {
  /** Relative to the project root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** All TypeScript and JavaScript files of these folders. */
export function sourceFiles(...folders: readonly string[]): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs|js)$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
      .map((entry) => {
        const path = relative(projectRoot, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
        const text = readFileSync(join(projectRoot, path), 'utf8');
        return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
      }),
  );
}

const nodesByTree = new WeakMap<ts.SourceFile, readonly ts.Node[]>();

/** Every node of a file, in order; computed once, because many rules look at them. */
export function nodesOf(tree: ts.SourceFile): readonly ts.Node[] {
  const known = nodesByTree.get(tree);
  if (known !== undefined) return known;
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  nodesByTree.set(tree, nodes);
  return nodes;
}

/** What a file imports, including types and dynamic imports, as written. */
export function importsOf({ tree }: SourceFile): readonly string[] {
  return nodesOf(tree).flatMap((node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      return ts.isStringLiteral(node.moduleSpecifier) ? [node.moduleSpecifier.text] : [];
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      return ts.isStringLiteral(node.argument.literal) ? [node.argument.literal.text] : [];
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [target] = node.arguments;
      return target && ts.isStringLiteralLike(target) ? [target.text] : [];
    }
    return [];
  });
}

/** Path of the file that a relative import refers to; `undefined` for packages. */
export function importedPath(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = normalize(join(dirname(from), specifier)).replaceAll('\\', '/');
  return from.endsWith('.ts') ? path.replace(/\.js$/, '.ts') : path;
}

/** Name of the package that an import refers to; `undefined` for our own files and Node's modules. */
export function importedPackage(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
