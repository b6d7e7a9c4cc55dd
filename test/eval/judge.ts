import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Locale } from '../../src/contracts/message.js';
import { projectRoot } from '../../src/lib/project-root.js';

export const SHARED_BUSINESSES = join(projectRoot, '..', 'shared', 'data', 'businesses');
export const OWN_BUSINESSES = join(projectRoot, 'test/eval/businesses');

export interface BusinessQuestion {
  readonly q: string;
  readonly after?: readonly string[];
  readonly kind: 'answer' | 'unanswerable' | 'talk';
  readonly from?: string;
  readonly facts?: readonly string[];
  /** What makes it difficult. */
  readonly tags?: readonly string[];
}

/** An invented business as its owner would enter it, and what its customers ask. */
export interface Business {
  readonly id: string;
  /** Kept from those who work on the answers until the end. */
  readonly unseen?: boolean;
  readonly settings: { readonly locale: Locale };
  readonly faq: readonly { readonly question: string; readonly answer: string; readonly locale: Locale }[];
  readonly documents: readonly {
    readonly id: string;
    readonly title: string;
    readonly locale?: Locale;
    readonly file?: string;
    readonly text: string;
  }[];
  readonly questions: readonly BusinessQuestion[];
}

export interface Count {
  readonly [name: string]: number;
}

/** The rules for judging an answer; they come with the shared businesses. */
export interface Judge {
  readBusinesses(folder: string): readonly Business[];
  judge(business: Business, question: BusinessQuestion, answer: object): { readonly verdict: string };
  count(results: readonly unknown[]): Count;
  table(rows: readonly (readonly [string, Count])[]): string;
  byTag(results: readonly unknown[]): string;
}

export async function loadShared(file: 'judge.mjs' | 'check.mjs'): Promise<unknown> {
  return import(pathToFileURL(join(SHARED_BUSINESSES, file)).href);
}

/** `undefined` if the shared data is absent, which is also printed. */
export async function loadJudge(): Promise<Judge | undefined> {
  if (existsSync(join(SHARED_BUSINESSES, 'judge.mjs'))) return (await loadShared('judge.mjs')) as Judge;
  console.log('skipped: the businesses and their judge are not in ../shared/data/businesses');
  return undefined;
}
