import { ok, type Result } from '@shiplock/findings'
import { z } from 'zod'
import { line, listOf, readOutput, severityOfWord, text } from '../joined/read-output.ts'
import type { ToolResult } from '../joined/tool.ts'

const rated = { Severity: text, Title: text, PrimaryURL: text }

const report = z.object({
  SchemaVersion: z.literal(2, { error: 'it is not of the second version of its schema' }),
  Results: listOf(
    z.object({
      Target: text,
      Vulnerabilities: listOf(z.object({ ...rated, VulnerabilityID: z.string(), VendorIDs: listOf(z.string()), PkgName: text, PkgIdentifier: z.object({ PURL: text }).nullish(), InstalledVersion: text, FixedVersion: text, PkgPath: text })),
      Misconfigurations: listOf(z.object({ ...rated, ID: text, AVDID: text, Message: text, Resolution: text, Status: text, CauseMetadata: z.object({ StartLine: line, EndLine: line, Resource: text }).nullish() })),
      Secrets: listOf(z.object({ RuleID: z.string(), Severity: text, Title: text, StartLine: line, EndLine: line })),
    }),
  ),
})

/** Trivy's own JSON, since its SARIF has neither package URLs nor its five severities. */
export function readReport(output: string): Result<readonly ToolResult[], string> {
  const read = readOutput(report, output)
  if (!read.ok) return read
  return ok(read.value.Results.flatMap(({ Target: path, Vulnerabilities, Misconfigurations, Secrets }): ToolResult[] => [
    ...Vulnerabilities.map((it): ToolResult => ({
      rule: it.VulnerabilityID,
      message: `${it.PkgName}@${it.InstalledVersion}: ${it.Title === '' ? it.VulnerabilityID : `${it.Title} (${it.VulnerabilityID})`}`,
      ...ratingOf(it.Severity),
      path: it.PkgPath === '' ? path : it.PkgPath,
      ...(it.PkgIdentifier && it.PkgIdentifier.PURL !== '' && { purl: it.PkgIdentifier.PURL }),
      advisories: [it.VulnerabilityID, ...it.VendorIDs],
      fix: it.FixedVersion === '' ? 'No version is known to be without it: replace the package, or see whether the flaw can be reached.' : `Upgrade ${it.PkgName} to ${it.FixedVersion}.`,
      detail: it.PrimaryURL,
      confidence: 'high',
    })),
    ...Misconfigurations.filter(({ Status }) => Status !== 'PASS' && Status !== 'EXCEPTION').map((it): ToolResult => ({
      rule: numberOf(it.AVDID === '' ? it.ID : it.AVDID),
      message: it.Message === '' ? it.Title : it.Message,
      ...ratingOf(it.Severity),
      path,
      ...linesOf(it.CauseMetadata ?? {}),
      fix: it.Resolution,
      detail: [it.CauseMetadata?.Resource ?? '', it.PrimaryURL].filter((part) => part !== '').join('\n'),
    })),
    // Neither what matched nor the code: it masks them, and only as well as it knows the secret.
    ...Secrets.map((it): ToolResult => ({ rule: `secret/${it.RuleID}`, message: `holds a secret: ${it.Title}`, ...ratingOf(it.Severity), path, ...linesOf(it), isSecret: true, fix: 'Revoke it, then take it out of the file and of the history.' })),
  ]))
}

/** `DS-0002` and `AVD-DS-0002` are one check of two of its versions: the longer name is the one that waivers know. */
const numberOf = (id: string) => (/^[A-Z]+-\d{4}$/.test(id) ? `AVD-${id}` : id)

function ratingOf(word: string): Pick<ToolResult, 'severity'> {
  const severity = severityOfWord(word)
  return severity === undefined ? {} : { severity }
}

const linesOf = ({ StartLine, EndLine }: { readonly StartLine?: number | undefined; readonly EndLine?: number | undefined }): Pick<ToolResult, 'startLine' | 'endLine'> => ({ ...(StartLine !== undefined && { startLine: StartLine }), ...(EndLine !== undefined && { endLine: EndLine }) })
