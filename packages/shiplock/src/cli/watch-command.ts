import { relative, resolve } from 'node:path'
import { digestOfFiles, takeSnapshot, type Snapshot } from '../system/snapshot.ts'
import { childDirectories, watchDirectories, withNewDirectories } from '../system/watch-directories.ts'
import { checkCommand, type CheckOptions } from './check-command.ts'
import { reportFailure } from './report-failure.ts'
import { interruption, openRoot, openState, restartClock } from './session.ts'
import { say } from './streams.ts'
import { terminalStyle } from './terminal.ts'

/** An editor that saves writes a file several times. */
const calmMs = 100

/** `shiplock check --watch`: checks whenever the tree is another one than the last that was checked, until Ctrl-C. */
export async function watchCommand(paths: readonly string[], options: CheckOptions): Promise<number> {
  const root = openRoot(options)
  const { index } = openState(root)
  const { signal, dispose } = interruption()
  const reports = options.report === undefined ? undefined : relative(root, resolve(options.report))
  const look = () => {
    const snapshot = takeSnapshot(root, index)
    return snapshot.ok ? snapshot.value : undefined
  }
  try {
    while (!signal.aborted) {
      const checked = look()
      const directories = directoriesOf(checked)
      const known = childDirectories(root, directories)
      clearScreen(options)
      restartClock()
      await checkCommand(paths, { ...options, watch: false }).catch(reportFailure)
      if (!signal.aborted && !options.quiet) say('\nWatching. Ctrl-C ends it.')
      await untilOther({ isOther: () => digestWithout(reports, look()) !== digestWithout(reports, checked), watched: () => withNewDirectories(root, directories, known), root, signal })
    }
    return 130
  } finally {
    dispose()
  }
}

/** Returns when the tree is another one, or on Ctrl-C. Watches before it looks, so that nothing happens unseen between. */
async function untilOther({ isOther, watched, root, signal }: { isOther: () => boolean; watched: () => Iterable<string>; root: string; signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    const watching = watchDirectories(root, watched(), calmMs)
    signal.addEventListener('abort', watching.stop, { once: true })
    const hasChanged = isOther()
    if (hasChanged) watching.stop()
    await watching.changed
    signal.removeEventListener('abort', watching.stop)
    if (hasChanged) return
  }
}

/** What the tree holds, but for the reports that a check has just written into it: they would have it check for ever. */
function digestWithout(reports: string | undefined, snapshot: Snapshot | undefined): string | undefined {
  if (!snapshot || reports === undefined) return snapshot?.digest
  return digestOfFiles(snapshot, [...snapshot.files.keys()].filter((path) => !path.startsWith(`${reports}/`))) + JSON.stringify(snapshot.unreadable)
}

/** Every directory that holds a file of the tree, or would hold a new one. */
function directoriesOf(snapshot: Snapshot | undefined): Set<string> {
  const directories = new Set(['.'])
  for (const path of snapshot?.files.keys() ?? []) for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) directories.add(path.slice(0, end))
  return directories
}

/** Only a terminal has a screen; a log keeps what was said. What was scrolled out of sight stays. */
function clearScreen({ format, quiet }: CheckOptions): void {
  if (format === 'pretty' && !quiet && terminalStyle(process.stdout, process.env).isLive) process.stdout.write('\u001b[2J\u001b[H')
}
