/** What a browser holds after it opened a server-rendered to-do list: enough to send its first form again. */
export interface Visitor {
  readonly url: string
  readonly cookie: string
  /** Where the form that adds goes. */
  readonly action: string
  /** Its fields with a title, as they travel. */
  readonly body: string
  /** As a browser sends them with a form of its own page. */
  readonly formHeaders: Readonly<Record<string, string>>
}

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#34;': '"', '&#39;': "'" }
const decode = (text: string): string => text.replace(/&(?:amp|lt|gt|quot|#34|#39);/g, (entity) => entities[entity] ?? entity)
const attribute = (tag: string, name: string): string | undefined => {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1]
  return value === undefined ? undefined : decode(value)
}

const origin = (url: string): string => new URL(url).origin

/** Opens the list as a new browser, or as the one whose cookie is given. The first form that has a text field is the one that adds. */
export async function visit(url: string, cookie?: string): Promise<Visitor> {
  const response = await fetch(url, { headers: { accept: 'text/html', ...(cookie !== undefined && { cookie }) } })
  const page = await response.text()
  if (response.status !== 200) throw new Error(`GET ${url} answered ${response.status}`)
  const given = response.headers.getSetCookie().map((header) => header.split(';', 1)[0])
  const form = [...page.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/gi)].map(([text]) => text).find((text) => /type="text"/i.test(text))
  if (form === undefined) throw new Error(`GET ${url}: the page has no form with a text field`)
  const fields = new URLSearchParams()
  for (const [tag] of form.matchAll(/<input\b[^>]*>/gi)) {
    const name = attribute(tag, 'name')
    const type = attribute(tag, 'type')
    if (name !== undefined && type !== 'submit') fields.append(name, type === 'text' ? loadTitle : (attribute(tag, 'value') ?? ''))
  }
  return {
    url,
    cookie: cookie ?? given.join('; '),
    action: new URL(attribute(/<form\b[^>]*>/i.exec(form)?.[0] ?? '', 'action') ?? '/', url).href,
    body: fields.toString(),
    formHeaders: { 'content-type': 'application/x-www-form-urlencoded', origin: origin(url), 'sec-fetch-site': 'same-origin' },
  }
}

/** Throws unless the form is accepted from the page itself, and refused from another site that has the cookie but no token. */
export async function checkForms({ url, cookie, action, body, formHeaders }: Visitor): Promise<void> {
  const post = async (fields: string, headers: Readonly<Record<string, string>>): Promise<number> => {
    const response = await fetch(action, { method: 'POST', redirect: 'manual', body: fields, headers: { ...formHeaders, cookie, ...headers } })
    await response.arrayBuffer()
    return response.status
  }
  const accepted = await post(body, {})
  if (accepted >= 400) throw new Error(`${url}: the form of the page itself was answered with ${accepted}`)
  const withoutToken = new URLSearchParams([...new URLSearchParams(body)].filter(([name]) => !name.startsWith('csrf')))
  const forged = await post(withoutToken.toString(), { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' })
  if (forged < 400) throw new Error(`${url}: a forged form was accepted with ${forged}`)
}

/** What the load itself adds; it must not be on a page that is measured. */
export const loadTitle = 'water the plants'

/** Sends the form that adds, with another title. */
export async function add({ action, cookie, body, formHeaders }: Visitor, title: string): Promise<void> {
  const fields = new URLSearchParams([...new URLSearchParams(body)].map(([name, value]) => [name, value === loadTitle ? title : value]))
  const response = await fetch(action, { method: 'POST', redirect: 'manual', body: fields.toString(), headers: { ...formHeaders, cookie } })
  await response.arrayBuffer()
  if (response.status >= 400) throw new Error(`${action}: adding ${JSON.stringify(title)} was answered with ${response.status}`)
}

/** Throws unless the page shows all these titles, and none of the load's. Gives its bytes. */
export async function checkPage({ url, cookie }: Pick<Visitor, 'url' | 'cookie'>, titles: readonly string[]): Promise<Buffer> {
  const response = await fetch(url, { headers: { accept: 'text/html', cookie } })
  const page = Buffer.from(await response.arrayBuffer())
  const missing = titles.filter((title) => !page.includes(title))
  if (response.status !== 200 || missing.length > 0) throw new Error(`${url}: ${response.status}, and the page lacks ${JSON.stringify(missing)}`)
  if (page.includes(loadTitle)) throw new Error(`${url}: the page shows what the load added, so it is longer than what is compared`)
  return page
}
