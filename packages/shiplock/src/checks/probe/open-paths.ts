import type { FindingDraft, Rule } from '@shiplock/findings'
import { found, type Requester } from './requester.ts'
import { debugExposed } from './rules/debug-exposed.ts'
import { directoryListing } from './rules/directory-listing.ts'
import { metricsExposed } from './rules/metrics-exposed.ts'
import { secretExposed } from './rules/secret-exposed.ts'
import { sourceExposed } from './rules/source-exposed.ts'

interface OpenPath {
  readonly path: string
  readonly rule: Rule
  /** What only the real thing says: many services answer every path with their page. */
  readonly says: RegExp
}

const prometheus = /^# (?:HELP|TYPE) [a-zA-Z_:]/m
const variables = /^(?:export )?[A-Z][A-Z0-9_]{2,80}=\S/m
const index = /<title>(?:Index of|Directory listing for|Listing directory) |<h1>(?:Index of|Directory listing for) /i
const privateKey = /-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY-----/

const openPaths: readonly OpenPath[] = [
  { path: '/.git/HEAD', rule: sourceExposed, says: /^(?:ref: refs\/|[0-9a-f]{40}\s*$)/ },
  { path: '/.git/config', rule: sourceExposed, says: /^\s*\[core\]/m },
  { path: '/.svn/wc.db', rule: sourceExposed, says: /^SQLite format 3/ },
  { path: '/.hg/requires', rule: sourceExposed, says: /^(?:dotencode|fncache|generaldelta|revlogv1|share-safe|store)$/m },
  { path: '/package.json', rule: sourceExposed, says: /^\s*\{[^]*"(?:dependencies|devDependencies|scripts)"\s*:/ },
  { path: '/Dockerfile', rule: sourceExposed, says: /^FROM \S/m },
  { path: '/.env', rule: secretExposed, says: variables },
  { path: '/.env.production', rule: secretExposed, says: variables },
  { path: '/.npmrc', rule: secretExposed, says: /_authToken\s*=|_password\s*=/ },
  { path: '/.aws/credentials', rule: secretExposed, says: /^aws_secret_access_key\s*=/m },
  { path: '/.ssh/id_rsa', rule: secretExposed, says: privateKey },
  { path: '/id_rsa', rule: secretExposed, says: privateKey },
  { path: '/server.key', rule: secretExposed, says: privateKey },
  { path: '/.htpasswd', rule: secretExposed, says: /^[\w.-]{1,60}:(?:\$|\{SHA\})/m },
  { path: '/credentials.json', rule: secretExposed, says: /"private_key"\s*:|"client_secret"\s*:/ },
  { path: '/dump.sql', rule: secretExposed, says: /^(?:-- (?:MySQL|MariaDB|PostgreSQL)|CREATE TABLE|INSERT INTO)/m },
  { path: '/backup.sql', rule: secretExposed, says: /^(?:-- (?:MySQL|MariaDB|PostgreSQL)|CREATE TABLE|INSERT INTO)/m },
  { path: '/debug/pprof/', rule: debugExposed, says: /Types of profiles available|<title>\/debug\/pprof/ },
  { path: '/debug/vars', rule: debugExposed, says: /"(?:cmdline|memstats)"\s*:/ },
  { path: '/debug', rule: debugExposed, says: /^\s*\{[^]*"(?:env|environment|memoryUsage|execArgv|heapUsed)"\s*:/ },
  { path: '/actuator/env', rule: debugExposed, says: /"propertySources"\s*:/ },
  { path: '/server-status', rule: debugExposed, says: /<title>Apache Status|Apache Server Status for/ },
  { path: '/phpinfo.php', rule: debugExposed, says: /<title>(?:PHP [\d.]+ - )?phpinfo\(\)/ },
  { path: '/console', rule: debugExposed, says: /EVALEX\s*=|Werkzeug Debugger|Interactive Console/ },
  { path: '/_profiler/', rule: debugExposed, says: /Symfony Profiler/ },
  { path: '/metrics', rule: metricsExposed, says: prometheus },
  { path: '/prometheus', rule: metricsExposed, says: prometheus },
  { path: '/actuator/prometheus', rule: metricsExposed, says: prometheus },
  { path: '/assets/', rule: directoryListing, says: index },
  { path: '/static/', rule: directoryListing, says: index },
  { path: '/uploads/', rule: directoryListing, says: index },
]

/** Asks for what nobody but its makers should get, by names that everybody knows. */
export async function askForOpenPaths(requester: Requester): Promise<FindingDraft[]> {
  const findings = await requester.forEach(openPaths, async ({ path, rule, says }) => {
    const { status, body, headers } = await requester.send({ method: 'GET', path })
    if (status !== 200 || !says.test(body)) return []
    // A page that explains such a file quotes it.
    const isPage = /html/i.test(headers.get('content-type') ?? '') || /^\s*<(?:!doctype|html)/i.test(body)
    if (isPage && (rule === sourceExposed || rule === secretExposed || rule === metricsExposed)) return []
    return [found(rule, `GET ${path} is answered`, manifests.has(path) ? { severity: 'medium' } : {})]
  })
  return findings.flat()
}

/** They say what the service is made of, and hold no code. */
const manifests = new Set(['/package.json', '/Dockerfile'])
