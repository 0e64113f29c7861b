import { ok, type Result, type Severity } from '@shiplock/findings'
import { z } from 'zod'
import { packageUrl } from '../joined/package-url.ts'
import { listOf, readOutput, severityOfWord, text } from '../joined/read-output.ts'
import type { ToolResult } from '../joined/tool.ts'

const vulnerability = z.object({
  id: z.string(),
  aliases: listOf(z.string()),
  summary: text,
  affected: listOf(z.object({ package: z.object({ name: text }).nullish(), ranges: listOf(z.object({ events: listOf(z.object({ fixed: z.string().optional() })) })) })),
  database_specific: z.object({ severity: z.unknown().optional() }).nullish(),
})

const report = z.object({
  // Always there, and null where there is none.
  results: z.nullable(
    z.array(z.object({
      source: z.object({ path: text }),
      packages: listOf(
        z.object({
          package: z.object({ name: text, version: text, ecosystem: text }),
          vulnerabilities: listOf(vulnerability),
          groups: listOf(z.object({ ids: listOf(z.string()), aliases: listOf(z.string()), max_severity: text })),
        }),
      ),
    })),
  ),
})

type Vulnerability = z.output<typeof vulnerability>

/** One result for each group of advisories that are the same vulnerability, and for each that is in no group. */
export function readReport(output: string): Result<readonly ToolResult[], string> {
  const read = readOutput(report, output)
  if (!read.ok) return read
  return ok((read.value.results ?? []).flatMap(({ source, packages }) => packages.flatMap(({ package: it, vulnerabilities, groups }) => {
    const grouped = new Set(groups.flatMap(({ ids }) => ids))
    const all = [...groups, ...vulnerabilities.filter(({ id }) => !grouped.has(id)).map(({ id }) => ({ ids: [id], aliases: [], max_severity: '' }))]
    return all.map((group): ToolResult => {
      const known = vulnerabilities.filter(({ id }) => group.ids.includes(id))
      const rule = group.ids[0] ?? group.aliases[0] ?? ''
      const summary = known.find(({ summary: said }) => said !== '')?.summary ?? ''
      const severity = severityOfScore(group.max_severity) ?? known.map((one) => wordOf(one)).find((one) => one !== undefined)
      const purl = packageUrl(it.ecosystem, it.name, it.version)
      const fixed = fixesOf(known, it.name)
      return {
        rule,
        message: `${it.name}@${it.version}: ${summary === '' ? rule : `${summary} (${rule})`}`,
        ...(severity !== undefined && { severity }),
        path: source.path,
        ...(purl !== undefined && { purl }),
        advisories: [...new Set([...group.ids, ...group.aliases, ...known.flatMap(({ aliases }) => aliases)])],
        ...(fixed.length > 0 && { fix: `Upgrade ${it.name}: fixed in ${fixed.slice(0, 5).join(', ')}.` }),
        detail: `https://osv.dev/vulnerability/${encodeURIComponent(rule.toWellFormed())}`,
      }
    })
  })))
}

/** A base score of CVSS, by its qualitative scale. */
function severityOfScore(written: string): Severity | undefined {
  const score = written.trim() === '' ? Number.NaN : Number(written)
  if (!(score > 0 && score <= 10)) return undefined
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low'
}

function wordOf({ database_specific: more }: Vulnerability): Severity | undefined {
  return typeof more?.severity === 'string' ? severityOfWord(more.severity) : undefined
}

const fixesOf = (known: readonly Vulnerability[], name: string) => [...new Set(known.flatMap(({ affected }) => affected.filter((one) => (one.package?.name ?? name) === name).flatMap(({ ranges }) => ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? [])))))]
