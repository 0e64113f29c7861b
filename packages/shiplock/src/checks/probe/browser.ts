import type { HttpResponse } from '../check.ts'
import type { Requester } from './requester.ts'

export interface Page {
  /** Where it came from after redirects: path and query. */
  readonly path: string
  readonly response: HttpResponse
}

interface Cookie {
  readonly value: string
  readonly path: string
  readonly sameSite: string | undefined
}

const mostRedirects = 5
const mostCookies = 50

/** Where a form is sent from: its own page; another site, as if a browser sent all cookies along; another site, as browsers do. */
export type Sender = 'here' | 'foreign origin' | 'another site'

/** One visitor with cookies of its own, gone with it. Stays on the origin. */
export class Browser {
  readonly #requester: Requester
  readonly #cookies = new Map<string, Cookie>()
  /** Every `Set-Cookie` that was seen, by name; the first, since later ones may only be renewals. */
  readonly setCookies = new Map<string, string>()

  constructor(requester: Requester) {
    this.#requester = requester
  }

  /** As when a person types the address; redirects to this origin are followed, another's is the answer. */
  async visit(path: string): Promise<Page> {
    let at = path
    for (let redirects = 0; ; redirects++) {
      const response = await this.#send('GET', at, { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })
      const next = redirects < mostRedirects ? this.redirectOf(at, response) : undefined
      if (next === undefined) return { path: at, response }
      at = next
    }
  }

  /**
   * As when a person presses the button of a form on `page`. `from` another site: with what a browser sends along then, no
   * `SameSite` cookies and that site's origin; from a foreign origin: with that origin, and all cookies nevertheless. Redirects
   * are not followed.
   */
  async submit(
    page: Page,
    path: string,
    body: { readonly type: string; readonly text: string },
    from: Sender = 'here',
  ): Promise<HttpResponse> {
    const origin = this.#requester.originOfBrowser
    const headers =
      from === 'here'
        ? { origin, 'referer': `${origin}${page.path}`, 'sec-fetch-site': 'same-origin' }
        : { 'origin': 'https://another-site.invalid', 'referer': 'https://another-site.invalid/', 'sec-fetch-site': 'cross-site' }
    return this.#send(
      'POST',
      path,
      { ...headers, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'content-type': body.type },
      { body: body.text, from },
    )
  }

  /** Path and query where a redirect leads, where it stays on the origin. */
  redirectOf(path: string, response: HttpResponse): string | undefined {
    const location = response.headers.get('location')
    return response.status >= 300 && response.status < 400 && location !== null ? this.ownPath(path, location) : undefined
  }

  /** Path and query of a link on `path`; undefined where it leads to another origin or nowhere. */
  ownPath(path: string, link: string): string | undefined {
    const { http, originOfBrowser } = this.#requester
    const url = URL.parse(link, `${http.origin}${path}`)
    return url?.origin === new URL(http.origin).origin || url?.origin === new URL(originOfBrowser).origin ? `${url.pathname}${url.search}` : undefined
  }

  /** Whether a form of another site would be sent with cookies of this one. */
  get hasCookiesForOtherSites(): boolean {
    return [...this.#cookies.values()].some(isSentFromOtherSites)
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
    { body, from = 'here' }: { body?: string; from?: Sender } = {},
  ): Promise<HttpResponse> {
    const cookie = this.#cookieHeader(path, from)
    const answer = await this.#requester.send({
      method,
      path,
      headers: { ...headers, ...(cookie && { cookie }) },
      ...(body !== undefined && { body }),
    })
    this.#keepCookies(answer.headers)
    return answer
  }

  #cookieHeader(path: string, from: Sender): string {
    const sent = [...this.#cookies].filter(
      ([, cookie]) => path.startsWith(cookie.path) && (from !== 'another site' || isSentFromOtherSites(cookie)),
    )
    return sent.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  /** RFC 6265bis §5.6, as far as one origin needs it. A Secure cookie is kept over HTTP too, as browsers do on loopback. */
  #keepCookies(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const split = pair.indexOf('=')
      if (split < 1) continue
      const name = pair.slice(0, split)
      if (!this.setCookies.has(name) && this.setCookies.size < mostCookies) this.setCookies.set(name, line)
      const of = (wanted: string) =>
        attributes.find((attribute) => attribute.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
      const maxAge = of('max-age')
      const isExpired = maxAge === undefined ? Date.parse(of('expires') ?? '') <= Date.now() : Number(maxAge) <= 0
      if (isExpired) this.#cookies.delete(name)
      else if (this.#cookies.size < mostCookies)
        this.#cookies.set(name, {
          value: pair.slice(split + 1),
          path: of('path')?.startsWith('/') ? of('path')! : '/',
          sameSite: of('samesite')?.toLowerCase(),
        })
    }
  }
}

/** Chromium takes a cookie that does not say for `Lax`; Firefox and Safari do not. */
const isSentFromOtherSites = ({ sameSite }: Cookie) => sameSite === undefined || sameSite === 'none'
