import type { FindingDraft } from '@shiplock/findings'
import { found, type Requester } from './requester.ts'
import { openRedirect } from './rules/open-redirect.ts'

const parameters = ['next', 'url', 'uri', 'redirect', 'redirect_uri', 'redirect_url', 'redirectTo', 'return', 'returnTo', 'return_to', 'returnUrl', 'continue', 'dest', 'destination', 'goto', 'target', 'to', 'r', 'u', 'back', 'callback', 'forward']
const wellKnown = ['/login', '/logout', '/signin', '/redirect', '/go', '/out']
const mostLinks = 6

/** What is foreign however a careless comparison looks at it. One host for each parameter, so that the answer tells which it was. */
const targets: readonly ((host: string) => string)[] = [(host) => `https://${host}/`, (host) => `//${host}/`, (host) => `/\\${host}/`]
const suffix = '.shiplock-probe.invalid'

/** Gives every parameter that may say where to go next a foreign address, all in one request. */
export async function askToRedirect(requester: Requester, path: string, links: readonly string[]): Promise<FindingDraft[]> {
  const { origin } = requester.http
  const paths = [...new Set([path.replace(/\?.*/s, ''), ...wellKnown, ...linksThatLeadOn(origin, path, links)])]
  const findings = await requester.forEach(paths, async (at) => {
    for (const target of targets) {
      const query = new URLSearchParams(parameters.map((name, index) => [name, target(`p${index}${suffix}`)]))
      const { status, headers } = await requester.send({ method: 'GET', path: `${at}?${query.toString()}` })
      const parameter = parameterOf(leadsTo(status, headers), `${origin}${at}`)
      if (parameter !== undefined) return [found(openRedirect, `GET ${at}?${parameter}=… leads to whatever address is given`)]
    }
    return []
  })
  return findings.flat()
}

/** Links of the page that have such a parameter already. */
function linksThatLeadOn(origin: string, path: string, links: readonly string[]): string[] {
  const own = links.flatMap((link) => {
    const url = URL.parse(link, `${origin}${path}`)
    return url?.origin === new URL(origin).origin && parameters.some((name) => url.searchParams.has(name)) ? [url.pathname] : []
  })
  return [...new Set(own)].slice(0, mostLinks)
}

const leadsTo = (status: number, headers: Headers) =>
  (status >= 300 && status < 400 ? headers.get('location') : undefined) ?? /;\s*url=\s*["']?([^"']+)/i.exec(headers.get('refresh') ?? '')?.[1]

function parameterOf(location: string | undefined, base: string): string | undefined {
  const host = location === undefined ? undefined : URL.parse(location, base)?.hostname
  if (!host?.endsWith(suffix)) return undefined
  return parameters[Number(/^p(\d+)\./.exec(host)?.[1])]
}
