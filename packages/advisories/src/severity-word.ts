import type { Severity } from '@shiplock/findings'

const words: ReadonlyMap<string, Severity> = new Map([['low', 'low'], ['moderate', 'medium'], ['medium', 'medium'], ['high', 'high'], ['critical', 'critical']])

/** How GitHub's and npm's databases put it. */
export const severityOfWord = (word: unknown): Severity | undefined => (typeof word === 'string' ? words.get(word.toLowerCase()) : undefined)
