import { processTree, residentBytes } from './proc.ts'

const periodMs = 250

/**
 * Ends what takes more memory than it may, where the runtime has no control group for that: the private and shared memory
 * of all its processes, which is what a control group counts too, but for files that are cached.
 */
export function watchMemory(pid: number, limitBytes: number, onExceeded: (usedBytes: number) => void): Disposable {
  const timer = setInterval(() => {
    const used = processTree(pid).reduce((sum, each) => sum + residentBytes(each), 0)
    if (used <= limitBytes) return
    clearInterval(timer)
    onExceeded(used)
  }, periodMs)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
