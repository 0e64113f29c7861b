import { fail, ok, type Result } from '@shiplock/findings'

/** What the package.json of the service says that the config's defaults come from. */
export interface PackageFacts {
  readonly name?: string
  readonly main?: string
  readonly scripts: Readonly<Record<string, string>>
  /** Whether it asks for packages in production. */
  readonly hasDependencies: boolean
}

/** Fields of another type than npm gives them are left out. Fails where the text is no JSON object. */
export function parsePackage(text: string): Result<PackageFacts, string> {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
  if (!isRecord(json)) return fail('it is not an object')
  const entries = Object.entries(isRecord(json.scripts) ? json.scripts : {})
  const scripts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return ok({
    ...(typeof json.name === 'string' && { name: json.name }),
    ...(typeof json.main === 'string' && { main: json.main }),
    scripts: Object.fromEntries(scripts),
    hasDependencies: [json.dependencies, json.optionalDependencies].some((it) => isRecord(it) && Object.keys(it).length > 0),
  })
}

/** A name that Cloud Run accepts (1 to 49 of `a-z0-9-`, first a letter), or undefined where nothing of it is left. */
export function serviceName(packageName: string | undefined): string | undefined {
  const name = (packageName ?? '')
    .slice((packageName ?? '').lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 49)
    .replace(/-+$/, '')
  return name === '' ? undefined : name
}

/** How the package says that it is started. A `start` script that needs a shell is none: the image has no shell. */
export function entrypoint({ scripts, main }: PackageFacts): readonly string[] | undefined {
  const start = scripts['start']
  if (start !== undefined && /^node(?: [\w./@=:,+-]+)+$/.test(start)) return start.split(' ')
  return main === undefined || main === '' ? undefined : ['node', main]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
