/** What is known of the components of an image. */
export type { Family } from './family.ts'
export { matchComponents, type AdvisorySource, type Inventory } from './match/match-components.ts'
export type { AskedSource, FixableUpdate, NotMatched, Vulnerability, VulnerabilityReport } from './match/vulnerability.ts'
export { draftFinding, fixOf, type VulnerabilityRules } from './match/draft-finding.ts'
export { mergeReports } from './match/merge-reports.ts'
export { isReportOf, readForeignReport, type ForeignReport } from './match/foreign-report.ts'
export { rescan, type KnownVulnerability, type RescannedImage, type RescanReport, type RescanRequest, type Running } from './match/rescan.ts'
export { renderRescanIssue } from './match/rescan-issue.ts'
