// The page is whole without this. With it, forms and links of the list change what is shown without a reload: they are sent
// as the browser would send them, and of the page that comes back <main> takes the place of the old one. So there is one
// source of markup, the server, and whatever looks odd can be left to the browser.

const waitMs = 15_000

// Only what this origin sent comes here, and a parsed document runs no script.
const policy = globalThis.trustedTypes?.createPolicy('todo', { createHTML: (text) => text })
const parse = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, 'text/html')

const find = (selector) => document.querySelector(selector)
const addressOf = (url) => url.pathname + url.search

const status = document.createElement('p')
status.className = 'said'
status.setAttribute('role', 'status')
document.body.append(status)

/** Tells a screen reader what happened; `isShown`, everybody: what was changed may be on another page by now. */
const say = (text, isShown = false) => {
  status.textContent = text
  status.classList.toggle('shown', isShown)
}

// It has been seen when something else is done.
for (const type of ['keydown', 'pointerdown']) addEventListener(type, () => status.classList.remove('shown'), { capture: true })

/** Says which keys edit a row: there are none without this script. */
const nameKeys = () => {
  for (const link of document.querySelectorAll('main .edit')) link.setAttribute('aria-keyshortcuts', 'F2 E')
}
nameKeys()

/** An answer that is no page of ours: the browser deals with it. */
class OddAnswer extends Error {}

/** Fetches a page, by whatever way the answer leads there. Rejects with OddAnswer, or when there is no answer. */
async function load(address, options = {}) {
  const response = await fetch(address, { ...options, headers: { accept: 'text/html' }, signal: AbortSignal.timeout(waitMs) })
  const url = new URL(response.url)
  const isPage = response.headers.get('content-type')?.startsWith('text/html') && url.origin === location.origin
  const page = isPage ? parse(await response.text()) : undefined
  const main = page?.querySelector('main')
  if (!main) throw new OddAnswer()
  // Where the focus goes is decided here.
  for (const element of main.querySelectorAll('[autofocus]')) element.autofocus = false
  return { main, title: page.title, url, status: response.status }
}

// What was typed and not yet kept survives every change of the page, an error page included.

const drafts = new Map()
const inputs = () => document.querySelectorAll('main input[type="text"]')
/** The field of adding is one; each task has one of editing. */
const draftName = (input) => new URL(input.form.action).pathname

function collectDrafts() {
  for (const input of inputs()) {
    // Refused, it is what the server sent back, and still kept nowhere.
    if (input.value === input.defaultValue && !input.hasAttribute('aria-invalid')) drafts.delete(draftName(input))
    else drafts.set(draftName(input), input.value)
  }
}

function restoreDrafts() {
  for (const input of inputs()) {
    const draft = drafts.get(draftName(input))
    // What the server sent back is what was typed, with the reason why it was not kept.
    if (draft !== undefined && !input.hasAttribute('aria-invalid')) input.value = draft
  }
}

/** How to find an element again in the page that follows. */
const selectorOf = (element) => {
  if (element.id) return `#${element.id}`
  for (const name of ['formaction', 'href']) if (element.hasAttribute(name)) return `[${name}="${CSS.escape(element.getAttribute(name))}"]`
  return undefined
}

/** Shows a page. `draftsDone`: fields that were kept by now, with the values that were. */
function show(page, draftsDone = new Map()) {
  const focused = document.activeElement
  const selector = find('main').contains(focused) ? selectorOf(focused) : undefined
  const selection = focused instanceof HTMLInputElement ? [focused.selectionStart, focused.selectionEnd] : undefined
  collectDrafts()
  for (const [name, value] of draftsDone) if (value === undefined || drafts.get(name) === value) drafts.delete(name)
  // shiplock-ignore sast/cross-site-scripting -- the answer is a page of this very service, asked for at this origin alone; its templates escape, and the policy of the page runs no script that is in it
  find('main').replaceWith(page.main)
  document.title = page.title
  nameKeys()
  restoreDrafts()
  const again = selector && find(`main ${selector}`)
  again?.focus({ preventScroll: true })
  if (again && selection) again.setSelectionRange(...selection)
  if (page.status >= 400 && page.status !== 422) focusOn(find('main h1'))
  else if (find('main [aria-invalid]')) focusOn(find('main [aria-invalid]'))
}

function focusOn(element) {
  if (!element) return
  if (element.matches('h1')) element.tabIndex = -1
  element.focus({ preventScroll: true })
  element.scrollIntoView({ block: 'nearest' })
}

/** Says that no answer came, and offers ways on; everything else stays as it is. */
function showTrouble(text, retry) {
  find('.trouble')?.remove()
  const box = document.createElement('div')
  box.className = 'trouble'
  box.setAttribute('role', 'alert')
  const message = document.createElement('p')
  message.textContent = navigator.onLine ? text : 'You are offline. What you typed is still here.'
  const again = document.createElement('button')
  again.type = 'button'
  again.textContent = 'Try again'
  again.addEventListener('click', () => {
    box.remove()
    retry()
  })
  box.append(message, again)
  const head = find('main header')
  if (head) head.after(box)
  else find('main').prepend(box)
}

// Forms

const pasts = { tasks: 'Added', complete: 'Completed', reopen: 'Reopened', delete: 'Deleted', edit: 'Saved' }

let queue = Promise.resolve()
/** What is on its way or waits; the same is not sent a second time. */
const pending = new Set()

const titleIn = (row) => row?.querySelector('span')?.textContent

/** What a form is about to send, while its page is there. */
function read(form, submitter) {
  const action = submitter?.hasAttribute('formaction') ? submitter.formAction : form.action
  const body = new URLSearchParams(new FormData(form))
  const row = submitter?.closest('li')
  const verb = new URL(action).pathname.split('/').at(-1)
  const section = row?.closest('section')
  return {
    action,
    body,
    verb,
    title: body.get('title')?.trim() ?? titleIn(row),
    button: submitter && `.${submitter.className}`,
    section: section && `section.${section.className}`,
    index: section ? Array.from(section.querySelectorAll('li')).indexOf(row) : -1,
    submitter,
  }
}

/** Moves the focus to where the next thing is done; not away from where somebody has gone meanwhile. */
function focusAfter({ verb, button, section, index, submitter, wasFocused, action }) {
  if (!wasFocused()) return
  if (verb === 'tasks') focusOn(find('#title'))
  else if (verb === 'edit') focusOn(find(`#e${action.split('/').at(-2)}`) ?? find('#title'))
  else if (section && submitter) {
    const rows = document.querySelectorAll(`${section} li`)
    focusOn(rows[Math.min(index, rows.length - 1)]?.querySelector(button) ?? find(`${section} h2`) ?? find('#title'))
  } else focusOn(find('#done'))
}

async function send(request) {
  let page
  try {
    page = await load(request.action, { method: 'POST', body: request.body })
  } catch (error) {
    if (error instanceof OddAnswer) sendByBrowser(request)
    else showTrouble('No answer came, so it is not certain that this was kept. What you typed is still here.', () => enqueue(request))
    return
  }
  const isKept = page.status < 400
  if (isKept) {
    say(request.verb === 'clear-completed' ? 'Cleared what was done' : `${pasts[request.verb]}: ${request.title}`, true)
    // More of the same is under way: its answer will show both.
    if (pending.size > 1) return
    if (addressOf(page.url) !== addressOf(location)) history.replaceState(history.state, '', addressOf(page.url))
  }
  shown = addressOf(location)
  show(page, isKept ? new Map([[new URL(request.action).pathname, request.body.get('title') ?? undefined]]) : undefined)
  if (isKept) focusAfter(request)
}

function enqueue(request) {
  const key = `${request.action} ${request.body}`
  if (pending.has(key)) return
  pending.add(key)
  queue = queue.then(() => send(request)).finally(() => pending.delete(key))
}

/** The same form, sent as if this script were not there. */
function sendByBrowser({ action, body }) {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = action
  for (const [name, value] of body) {
    const input = document.createElement('input')
    input.type = 'hidden'
    input.name = name
    input.value = value
    form.append(input)
  }
  document.body.append(form)
  form.submit()
}

document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event
  if (event.defaultPrevented || form.method !== 'post') return
  event.preventDefault()
  const request = read(form, submitter)
  request.wasFocused = () => {
    const { activeElement } = document
    return activeElement === document.body || activeElement === null || request.focusedAtStart === selectorOf(activeElement)
  }
  request.focusedAtStart = document.activeElement ? selectorOf(document.activeElement) : undefined
  enqueue(request)
})

// Links: filter, paging, editing and its end

let shown = addressOf(location)
let visits = 0

async function visit(url, { isBack = false, scroll = undefined } = {}) {
  const mine = ++visits
  await queue
  let page
  try {
    page = await load(url.href)
  } catch (error) {
    if (mine !== visits) return
    // shiplock-ignore sast/open-redirect -- the address is one that this page was loaded from or links to, on its own origin
    if (error instanceof OddAnswer) location.assign(url.href)
    else showTrouble('No answer came. What you typed is still here.', () => visit(url, { isBack, scroll }))
    return
  }
  // Somebody has gone on to elsewhere.
  if (mine !== visits) return
  if (!isBack) {
    history.scrollRestoration = 'manual'
    history.replaceState({ scroll: scrollY }, '')
    history.pushState({}, '', addressOf(page.url) + url.hash)
  }
  shown = addressOf(location)
  show(page)
  if (isBack) scrollTo(0, scroll ?? 0)
  else if (page.status < 400) arrive(url)
}

/** Goes on where the address points to, and says what is there. */
function arrive({ hash }) {
  const place = hash.length > 1 ? document.getElementById(hash.slice(1)) : null
  if (place?.matches('input, a')) focusOn(place)
  else {
    if (place) place.scrollIntoView()
    say(`${find('.filter [aria-current]')?.textContent ?? ''}: ${find('main header p')?.textContent ?? ''}`)
  }
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('main a[href]')
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const url = new URL(link.href)
  if (url.origin !== location.origin || url.pathname !== '/') return
  event.preventDefault()
  if (link.className === 'cancel') {
    const input = find('#edit')
    input.value = input.defaultValue
    input.removeAttribute('aria-invalid')
  }
  void visit(url)
})

addEventListener('popstate', ({ state }) => {
  if (addressOf(location) !== shown) void visit(new URL(location.href), { isBack: true, scroll: state?.scroll })
})

// Left for good, or reloaded: the browser knows better.
addEventListener('pagehide', () => {
  history.scrollRestoration = 'auto'
})

// Editing by double click, by F2 or E on a row; Escape ends it.

document.addEventListener('dblclick', ({ target }) => {
  if (target.closest?.('li span')) target.closest('li').querySelector('.edit').click()
})

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  const { target, key } = event
  if (key === 'Escape' && target.id === 'edit') find('.cancel').click()
  else if ((key === 'F2' || key.toLowerCase() === 'e') && target.matches?.('li button, li a')) {
    const link = target.closest('li').querySelector('.edit')
    if (!link) return
    event.preventDefault()
    link.click()
  }
})
