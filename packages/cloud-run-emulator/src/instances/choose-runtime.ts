import { EmulatorError } from '../error.ts'
import { bubblewrapRuntime } from './bubblewrap.ts'
import { dockerSocket } from './docker-engine.ts'
import { dockerRuntime } from './docker.ts'
import { loaderRuntime } from './loader.ts'
import type { Runtime, RuntimeName } from './runtime.ts'

export interface RuntimePlaces {
  /** Of unpacked images. It exists, and so does the next. */
  readonly imagesDir: string
  /** Where instances may write, where nothing confines them. */
  readonly runDir: string
  readonly stateDir: string
}

/**
 * The runtime asked for, or the best that works here: bubblewrap, which needs no daemon and starts an instance soonest;
 * Docker, where there is none; else the image's own loader.
 */
export async function chooseRuntime(wanted: RuntimeName | 'auto', { imagesDir, runDir, stateDir }: RuntimePlaces): Promise<Runtime> {
  const isLinux = process.platform === 'linux'
  if (isLinux && wanted === 'loader') return loaderRuntime(imagesDir, runDir)
  if (isLinux && wanted !== 'docker') {
    const bubblewrap = await bubblewrapRuntime(imagesDir)
    if (bubblewrap !== undefined) return bubblewrap
    if (wanted === 'bubblewrap') {
      throw new EmulatorError('runtime-missing', 'bubblewrap (bwrap) is not installed here, or may not make user namespaces', {
        hint: 'Install the package "bubblewrap", or choose the runtime "docker" or "loader".',
      })
    }
  }
  if (wanted === 'docker' || wanted === 'auto') {
    const docker = await dockerRuntime(dockerSocket(process.env), stateDir)
    if (docker !== undefined) return docker
  }
  if (wanted === 'docker') {
    throw new EmulatorError('runtime-missing', 'No Docker Engine answers on its socket, or not to this user', {
      hint: 'Start Docker, or say where it listens by DOCKER_HOST=unix://….',
    })
  }
  if (isLinux) return loaderRuntime(imagesDir, runDir)
  throw new EmulatorError('platform-unsupported', `Images for Linux cannot be run on ${process.platform} without Docker`, {
    hint: 'Start Docker, or run the emulator in a Linux machine or container.',
  })
}
