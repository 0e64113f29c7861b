export { rules } from './rules/index.ts'
export type { AnalyserRule, PatternMatch } from './rules/rule.ts'

/** Where each rule has a folder of its own, with its page and its fixtures. */
export const ruleFolders: URL = new URL('rules/', import.meta.url)
