import type { RevisionTemplate } from './cloud-run.ts'

/**
 * What a preview would have in common with production, each by its name: an identity, a secret, a database. Code that nobody has
 * approved runs in a preview, so the answer has to be nothing. Production may not be there yet; an identity of its own is wanted all the same.
 */
export function sharedWithProduction(production: RevisionTemplate | undefined, preview: RevisionTemplate, productionEnv: Readonly<Record<string, string>> = {}): readonly string[] {
  const [theirs, ours] = [partsOf(production), partsOf(preview)]
  const theirPlaces = new Set([...theirs.places.values(), ...Object.entries(productionEnv).flatMap(([name, value]) => placeIn(name, value))])
  const both = (a: ReadonlySet<string>, b: ReadonlySet<string>) => [...a].filter((it) => b.has(it))
  return [
    ...(ours.identity === '' ? ['no identity of its own, and so the one that every service of the project has'] : []),
    ...(ours.identity !== '' && ours.identity === theirs.identity ? [`production's identity ${ours.identity}`] : []),
    ...both(ours.secrets, theirs.secrets).map((name) => `production's secret ${name}`),
    ...both(ours.instances, theirs.instances).map((name) => `production's database ${name}`),
    ...[...ours.places].flatMap(([name, value]) => (theirPlaces.has(value) ? [`production's database, by ${name}`] : [])),
  ]
}

interface Parts {
  readonly identity: string
  readonly secrets: ReadonlySet<string>
  /** Of Cloud SQL. */
  readonly instances: ReadonlySet<string>
  /** Variables that say where a database is. */
  readonly places: ReadonlyMap<string, string>
}

type Loose = Readonly<Record<string, unknown>>
const asRecord = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {})
const asList = (value: unknown): readonly Loose[] => (Array.isArray(value) ? value.map(asRecord) : [])
const asTexts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((it) => typeof it === 'string') : [])

function partsOf(template: RevisionTemplate | undefined): Parts {
  const volumes = asList(template?.['volumes'])
  const variables = (template?.containers ?? []).flatMap(({ env }) => env)
  const secrets = [...variables.map(({ valueSource }) => asRecord(asRecord(valueSource)['secretKeyRef'])['secret']), ...volumes.map(({ secret }) => asRecord(secret)['secret'])]
  const identity = template?.['serviceAccount']
  return {
    identity: typeof identity === 'string' ? identity : '',
    // By its own name or in full, it is the same.
    secrets: new Set(secrets.flatMap((it) => (typeof it === 'string' ? [it.slice(it.lastIndexOf('/') + 1)] : []))),
    instances: new Set([...volumes.flatMap(({ cloudSqlInstance }) => asTexts(asRecord(cloudSqlInstance)['instances'])), ...(template?.annotations['run.googleapis.com/cloudsql-instances'] ?? '').split(',')].filter((it) => it !== '')),
    places: new Map(variables.flatMap(({ name, value = '' }) => placeIn(name, value).map((place) => [name, place] as const))),
  }
}

const namesPlace = /(?:^|_)(?:DB|DATABASE|MYSQL|MARIADB|POSTGRES|POSTGRESQL|PG|MONGO|MONGODB|REDIS|SQL)(?:.*_)?(?:HOST|HOSTNAME|ADDR|ADDRESS|SOCKET|SOCKET_PATH|INSTANCE|CONNECTION_NAME|URL|URI|DSN)$|^(?:DATABASE|PG)(?:URL|HOST)$/i
/** Who asks is no part of where it is, and neither are options. */
const databaseUrl = /^(?:mysql|mariadb|postgres|postgresql|mongodb(?:\+srv)?|rediss?|sqlserver):\/\/(?:[^/?#]*@)?(?<host>[^/?#]*)(?<path>[^?#]*)/i

/** Beside the service itself everybody has another. */
const isLoopback = (host: string) => /^(?:localhost|127\.0\.0\.1|\[?::1\]?)$/.test(host)

/** Where the database is of which a variable tells: nowhere where it tells of none, or says not where. */
function placeIn(name: string, value: string): readonly string[] {
  const url = databaseUrl.exec(value)?.groups
  if (url) {
    const { host = '', path = '' } = url
    return host === '' || isLoopback(host.replace(/:\d+$/, '')) ? [] : [`${host.toLowerCase()}${path}`]
  }
  return namesPlace.test(name) && value !== '' && !isLoopback(value) ? [value] : []
}
