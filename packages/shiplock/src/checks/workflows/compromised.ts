import type { Reference } from './workflow.ts'

interface Incident {
  readonly when: string
  /** Versions that were never moved. */
  readonly isSafe: (ref: string) => boolean
}

const newerThan =
  (...first: readonly number[]) =>
  (ref: string): boolean => {
    const version = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(ref)?.slice(1).map(Number)
    if (!version) return false
    const difference = version.map((part, index) => part - (first[index] ?? 0)).find((part) => part !== 0) ?? 0
    return difference >= 0
  }

/** Actions whose tags were once moved to malicious code, by their names in lower case. */
export const compromised: ReadonlyMap<string, Incident> = new Map<string, Incident>([
  ['tj-actions/changed-files', { when: 'in March 2025 (CVE-2025-30066)', isSafe: newerThan(46, 0, 1) }],
  ['reviewdog/action-setup', { when: 'in March 2025 (CVE-2025-30154)', isSafe: newerThan(1, 3, 2) }],
  ['aquasecurity/trivy-action', { when: 'in March 2026 (CVE-2026-33634)', isSafe: newerThan(0, 35, 0) }],
  ['aquasecurity/setup-trivy', { when: 'in March 2026 (CVE-2026-33634)', isSafe: newerThan(0, 2, 6) }],
])

/** Commits that held the malicious code. */
const malicious: readonly string[] = ['0e58ed8671d6b60d0890c21b07f8835ace038e67']

export const isMaliciousCommit = (uses: Reference): boolean => uses.kind === 'repository' && malicious.includes(uses.ref.toLowerCase())
