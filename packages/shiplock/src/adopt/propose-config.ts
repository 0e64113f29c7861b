import { posix } from 'node:path'
import { entrypoint, type PackageFacts } from '../config/package-facts.ts'
import type { Detection, FoundPackage, TreeFacts } from './detect.ts'

/** A key of the config that differs from its default, and why. */
export interface Proposal {
  /** Names of keys from the outermost in. */
  readonly path: readonly string[]
  readonly value: ConfigValue
  /** Shown as a comment above it; one line. */
  readonly why: string
}

export type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | { readonly [key: string]: ConfigValue }

/** What the config has to say of a repository, as far as names and manifests tell. Empty where the defaults serve. */
export function proposeConfig(tree: TreeFacts, detection: Detection): readonly Proposal[] {
  const [service] = detection.services
  return [...(service ? ofService(tree, detection, service) : [noService(detection)]), ...ofTests(detection, service), ...ofTypes(tree, service)]
}

function noService({ packages }: Detection): Proposal {
  const why = packages.length === 0 ? 'no package.json: the repository is checked, and nothing is built or run' : 'a library: nothing of it answers requests, so it is checked, and nothing is built or run'
  return { path: ['service'], value: null, why }
}

function ofService(tree: TreeFacts, { services }: Detection, service: FoundPackage): Proposal[] {
  const { directory } = service
  const others = services.slice(1).map((other) => other.directory)
  const found: Proposal[] = []
  if (directory !== '.') found.push({ path: ['service', 'directory'], value: directory, why: `${reasonFor(service)}${others.length > 0 ? `; others that could be shipped: ${others.slice(0, 5).join(', ')}` : ''}` })
  if (service.hasDockerfile) return found
  return [...found, ...ofImage(tree, service)]
}

const reasonFor = ({ framework, hasDockerfile, scripts }: FoundPackage) => (framework?.serves ? `it answers with ${framework.title}` : hasDockerfile ? 'it has a Dockerfile' : scripts['start'] !== undefined ? 'it has a start script' : 'it is a service')

/** What the image holds, and what starts it, where the defaults (dist/ and the start script) do not serve. */
function ofImage(tree: TreeFacts, service: FoundPackage): Proposal[] {
  const { framework } = service
  const facts: PackageFacts = { scripts: service.scripts, ...(service.main !== undefined && { main: service.main }), hasDependencies: service.dependencies.size > 0 }
  const said = entrypoint(facts)
  const start = said ?? framework?.entrypoint ?? startFile(tree, service)
  const found: Proposal[] = []
  if (!said && start) found.push({ path: ['image', 'entrypoint'], value: start, why: service.scripts['start'] === undefined ? 'package.json has no start script' : `the start script is not a plain \`node FILE\`, and the image has no shell: ${service.scripts['start']}` })
  const files = framework?.files ?? filesAround(tree, service, start)
  if (files) found.push({ path: ['image', 'files'], value: [...files, 'package.json'], why: 'what runs is not in dist/' })
  return found
}

const startNames = ['server', 'index', 'app', 'main'].flatMap((name) => ['js', 'mjs', 'cjs', 'ts', 'mts'].map((extension) => `${name}.${extension}`))

/** The file that a person would try first. */
function startFile({ paths }: TreeFacts, { directory }: FoundPackage): readonly string[] | undefined {
  const known = new Set(paths)
  const file = ['', 'src/'].flatMap((folder) => startNames.map((name) => `${folder}${name}`)).find((path) => known.has(posix.join(directory, path)))
  return file === undefined ? undefined : ['node', file]
}

/** Folders that no service needs at run time. */
const neverShipped = new Set(['test', 'tests', '__tests__', 'spec', 'e2e', 'docs', 'doc', 'examples', 'example', 'scripts', 'coverage', 'terraform', 'infra', 'bench', 'benchmark', 'benchmarks', 'k8s', 'deploy', 'monitoring', 'tools', 'types'])

/** Of a service that runs its sources: them, and the folders beside them. */
function filesAround({ paths }: TreeFacts, { directory }: FoundPackage, start: readonly string[] | undefined): readonly string[] | undefined {
  const file = start?.find((word, index) => index > 0 && !word.startsWith('-'))
  if (file === undefined) return undefined
  const entry = posix.normalize(file)
  const prefix = directory === '.' ? '' : `${directory}/`
  const isThere = ['', '.js', '.mjs', '.cjs', '/index.js'].some((ending) => paths.includes(`${prefix}${entry}${ending}`))
  // What is not in the tree is built: the build says where, by the default.
  if (!isThere || entry.startsWith('dist/')) return undefined
  const below = paths.flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []))
  const folders = [...new Set(below.flatMap((path) => (path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [])))].filter((folder) => !folder.startsWith('.') && !neverShipped.has(folder))
  const atTop = [...new Set(below.flatMap((path) => /^[^/.][^/]*\.([cm]?[jt]s|json)$/.exec(path)?.[1] ?? []))].filter((extension) => extension !== 'json')
  return [...atTop.map((extension) => `*.${extension}`), ...folders.map((folder) => `${folder}/**`)]
}

function ofTests({ packages }: Detection, service: FoundPackage | undefined): Proposal[] {
  const hasTests = ({ scripts }: FoundPackage) => scripts['test'] !== undefined && !/no test specified/.test(scripts['test'])
  const root = packages.find(({ directory }) => directory === '.')
  if (root && hasTests(root)) return []
  if (service && service !== root && hasTests(service)) return [{ path: ['checks', 'tests', 'directory'], value: service.directory, why: 'the root has no test script' }]
  return [{ path: ['checks', 'tests'], value: false, why: packages.length === 0 ? 'no package.json with a test script' : 'no test script: write tests, name them in package.json, and take this line out' }]
}

function ofTypes({ paths }: TreeFacts, service: FoundPackage | undefined): Proposal[] {
  if (paths.includes('tsconfig.json') || !paths.some((path) => /(?<!\.d)\.[cm]?tsx?$/.test(path))) return []
  const ofService = service && posix.join(service.directory, 'tsconfig.json')
  const project = ofService !== undefined && paths.includes(ofService) ? ofService : paths.find((path) => path.endsWith('/tsconfig.json'))
  if (project === undefined) return [{ path: ['checks', 'types'], value: false, why: 'there is TypeScript and no tsconfig.json: add one, and take this line out' }]
  return [{ path: ['checks', 'types', 'project'], value: project, why: 'there is no tsconfig.json at the root' }]
}
