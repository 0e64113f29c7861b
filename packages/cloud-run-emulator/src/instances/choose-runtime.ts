import { EmulatorError } from '../error.ts'
import { bubblewrapRuntime } from './bubblewrap.ts'
import { loaderRuntime } from './loader.ts'
import type { Runtime, RuntimeName } from './runtime.ts'

/**
 * The runtime asked for, or the best that works here. Both directories exist: the one of unpacked images, and the one that
 * instances may write to where nothing confines them.
 */
export async function chooseRuntime(wanted: RuntimeName | 'auto', imagesDir: string, runDir: string): Promise<Runtime> {
  if (process.platform !== 'linux') {
    throw new EmulatorError('platform-unsupported', `Images for Linux cannot be run on ${process.platform} without Docker`, {
      hint: 'Run the emulator in a Linux machine or container.',
    })
  }
  if (wanted === 'loader') return loaderRuntime(imagesDir, runDir)
  const bubblewrap = await bubblewrapRuntime(imagesDir)
  if (bubblewrap !== undefined) return bubblewrap
  if (wanted === 'auto') return loaderRuntime(imagesDir, runDir)
  throw new EmulatorError('runtime-missing', 'bubblewrap (bwrap) is not installed here, or may not make user namespaces', {
    hint: 'Install the package "bubblewrap", or choose the runtime "loader".',
  })
}
