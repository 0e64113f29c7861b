import { join } from 'node:path'
import { ImageError } from '../error.ts'
import { list, readSmallFile } from '../node.ts'
import { parseParagraph } from './control.ts'
import { defaultMirrors, type DebianMirrors } from './suites.ts'

const maxSourcesBytes = 1024 * 1024

/** A place to fetch from, as apt is told of it. */
interface AptSource {
  readonly uris: readonly string[]
  readonly suites: readonly string[]
}

/**
 * The mirrors that this machine's apt uses (sources.list(5)), since a network that lets nothing else through lets them;
 * the classic ones where it names none of Debian. Only where to ask is taken from there: whom to believe is pinned.
 */
export async function aptMirrors(directory = '/etc/apt'): Promise<DebianMirrors> {
  const parts = join(directory, 'sources.list.d')
  const files = [join(directory, 'sources.list'), ...(await list(parts)).map((name) => join(parts, name))]
  const sources: AptSource[] = []
  for (const file of files) {
    if (!/\.(?:list|sources)$/.test(file)) continue
    sources.push(...(await sourcesIn(file)))
  }
  const named = {
    main: mirrorsOf(sources, /^(?:trixie|bookworm|(?:old)*stable)$/, /\/debian\/*$/),
    security: mirrorsOf(sources, /^(?:trixie|bookworm|(?:old)*stable)-security$/, /\/debian-security\/*$/),
  }
  return {
    main: named.main.length > 0 ? named.main : defaultMirrors.main,
    security: named.security.length > 0 ? named.security : defaultMirrors.security,
  }
}

/** A file that cannot be read, or that apt could not read either, names no mirror. */
async function sourcesIn(file: string): Promise<readonly AptSource[]> {
  try {
    const text = new TextDecoder().decode(await readSmallFile(file, maxSourcesBytes))
    return file.endsWith('.list') ? oneLineSources(text) : paragraphSources(text)
  } catch (error) {
    if (error instanceof ImageError || (error instanceof Error && 'code' in error)) return []
    throw error
  }
}

function mirrorsOf(sources: readonly AptSource[], suite: RegExp, path: RegExp): readonly string[] {
  const uris = sources.filter(({ suites }) => suites.some((name) => suite.test(name))).flatMap((source) => source.uris)
  return [...new Set(uris.filter((uri) => /^https?:\/\//.test(uri) && path.test(uri)))]
}

/** `deb [option=value …] URI SUITE COMPONENT…` */
function oneLineSources(text: string): readonly AptSource[] {
  return text.split('\n').flatMap((line) => {
    const { uri, suite } = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(?<uri>\S+)\s+(?<suite>\S+)/.exec(line)?.groups ?? {}
    return uri === undefined || suite === undefined ? [] : [{ uris: [uri], suites: [suite] }]
  })
}

function paragraphSources(text: string): readonly AptSource[] {
  return text.split(/\n[ \t]*\n/).flatMap((part) => {
    const fields = parseParagraph(part, 'archive-invalid', 'A file of apt\'s sources')
    const words = (name: string): readonly string[] => (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '')
    const isOff = /^(?:no|false|off|0|disable)$/i.test(fields.get('enabled') ?? '')
    return isOff || !words('types').includes('deb') ? [] : [{ uris: words('uris'), suites: words('suites') }]
  })
}
