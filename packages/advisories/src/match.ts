/** What is known of the components of an image. */
export type { Family } from './family.ts'
export { matchComponents, type AdvisorySource, type Inventory } from './match/match-components.ts'
export type { AskedSource, FixableUpdate, NotMatched, Vulnerability, VulnerabilityReport } from './match/vulnerability.ts'
