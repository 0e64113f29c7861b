import { compareSeverity } from '@shiplock/findings'
import type { Vulnerability } from './vulnerability.ts'

/** The worst first, then by what and which it is: the same set is always in the same order. */
export const worstFirst = (a: Vulnerability, b: Vulnerability): number => compareSeverity(b.severity, a.severity) || compareText(a.component.name, b.component.name) || compareText(a.component.version, b.component.version) || compareText(a.id, b.id)

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
