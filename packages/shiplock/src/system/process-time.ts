import { readTextFile } from './files.ts'

/**
 * Clock ticks since boot at which a process began (proc(5), field 22 of stat): with the pid it names one process, also
 * after the pid was given to another. Undefined where it is gone, or dead and not yet reaped.
 */
export function startTimeOf(pid: number): string | undefined {
  const fields = readTextFile(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')
  return fields?.[0] === 'Z' ? undefined : fields?.[19]
}
