import { renderRescanIssue, type RescannedImage, type RescanReport } from '@shiplock/advisories/match'
import { visible } from '../report/escape.ts'
import { rescanRunning } from '../stages/rescan-running.ts'
import { runningService } from '../stages/running-revisions.ts'
import { interruption, openRepository, unwrap, withContext } from './session.ts'
import { print, say } from './streams.ts'
import { liveReleaseTarget, type TargetOptions } from './target-option.ts'

export interface RescanOptions extends TargetOptions {
  /** A report that is ready to be filed, as Markdown. */
  readonly issue?: boolean
  readonly maxAgeDays: number
}

/** `shiplock rescan`: what has become known of what runs. 0: nothing to do; 1: something; 3: not everything could be looked at. */
export async function rescanCommand(options: RescanOptions): Promise<number> {
  const repository = await openRepository(options)
  const { signal, dispose } = interruption()
  try {
    return await withContext(repository, { useCache: true, isUntrusted: true, command: 'shiplock rescan', signal, note: say }, async (context) => {
      const target = liveReleaseTarget(options.target, context)
      const report = unwrap(await rescanRunning(context, target, unwrap(await runningService(target, repository.config.service.name, signal)).revisions, { now: new Date(), maxAgeDays: options.maxAgeDays, signal }))
      show(report, options)
      if (report.isActionNeeded) return 1
      return report.images.some(isHalf) ? 3 : 0
    })
  } finally {
    dispose()
  }
}

/** Of something in it nothing is known. */
const isHalf = ({ notMatched, unread }: RescannedImage) => unread.length > 0 || notMatched.length > 0

function show(report: RescanReport, { format, issue }: RescanOptions): void {
  if (issue) {
    const { title, body } = renderRescanIssue(report)
    return print(format === 'json' ? JSON.stringify({ title, body }) : `# ${title}\n\n${body}`)
  }
  if (format === 'json') return print(JSON.stringify(report, null, 2))
  for (const image of report.images) {
    print(visible(`${image.name}  ${image.digest.slice(0, 19)}  ${image.fresh.length} new, ${image.lapsed.length} of lapsed waivers, ${image.known.length} known, ${image.waived.length} waived`))
    for (const { severity, component, id, summary } of [...image.fresh, ...image.lapsed.map(({ vulnerability }) => vulnerability)]) print(visible(`  ${severity}  ${component.name}@${component.version}: ${summary === '' ? id : `${summary} (${id})`}`))
    for (const { name, version, endOfLife } of image.unsupported) print(visible(`  high  ${name} ${version} has had no security fixes since ${endOfLife}`))
    for (const { ecosystem, components, why } of image.notMatched) print(visible(`  not matched: ${ecosystem} (${components}): ${why}`))
    for (const text of image.unread) print(visible(`  not read: ${text}`))
  }
}
