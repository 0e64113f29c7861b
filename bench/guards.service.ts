import { unit, type Removal, type Removals } from './guard.ts'

/** A guard of the service, and the test beside it. */
const app = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`app/src/${file}`, `app/src/${test}`, pattern, remove, replacement)
/** One that only a database server, a process or time itself can prove. */
const service = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => ({ file: `app/src/${file}`, test: `app/tests/${test}`, pattern, remove, replacement, project: 'service' })

const title = (pattern: string, remove: string, replacement = ''): Removal => app('tasks/task.ts', 'tasks/task.test.ts', pattern, remove, replacement)
const api = (pattern: string, remove: string, replacement = '', file = 'tasks/api-requests.ts'): Removal => app(file, 'tasks/api.test.ts', pattern, remove, replacement)
const form = (pattern: string, remove: string, replacement = '', file = 'tasks/routes.ts'): Removal => app(file, 'tasks/routes.test.ts', pattern, remove, replacement)
const json = (pattern: string, remove: string, replacement = ''): Removal => app('tasks/parse-json.ts', 'tasks/parse-json.test.ts', pattern, remove, replacement)
const cookie = (pattern: string, remove: string, replacement = '', file = 'security/session.ts'): Removal => app(file, 'security/session.test.ts', pattern, remove, replacement)
const mac = (pattern: string, remove: string, replacement = ''): Removal => app('security/mac.ts', 'security/mac.test.ts', pattern, remove, replacement)
const csrf = (pattern: string, remove: string, replacement = '', file = 'security/csrf.ts'): Removal => app(file, 'security/csrf.test.ts', pattern, remove, replacement)
const http = (pattern: string, remove: string, replacement = '', file = 'security/http-server.ts'): Removal => app(file, 'security/http-server.test.ts', pattern, remove, replacement)
const rate = (pattern: string, remove: string, replacement = '', file = 'security/rate-limit.ts'): Removal => app(file, 'security/rate-limit.test.ts', pattern, remove, replacement)
const client = (pattern: string, remove: string, replacement = ''): Removal => app('security/client-address.ts', 'security/client-address.test.ts', pattern, remove, replacement)
const whole = (file: string, pattern: string, remove: string, replacement = ''): Removal => app(file, 'app.test.ts', pattern, remove, replacement)
const sqlite = (pattern: string, remove: string, replacement = '', file = 'storage/sqlite-task-store.ts'): Removal => app(file, 'storage/sqlite-task-store.test.ts', pattern, remove, replacement)
const mysql = (pattern: string, remove: string, replacement = ''): Removal => service('storage/mysql-task-store.ts', 'storage/mysql-task-store.test.ts', pattern, remove, replacement)
const cache = (pattern: string, remove: string, replacement = ''): Removal => app('storage/page-cache.ts', 'storage/page-cache.test.ts', pattern, remove, replacement)
const steps = (pattern: string, remove: string, replacement = ''): Removal => app('storage/migrations.ts', 'storage/migrations.test.ts', pattern, remove, replacement)

/** What Node's parser refuses by itself is refused for as long as nobody tells it to be lenient. */
const lenient = (kind: string): Removal => http(`smuggling by ${kind}`, '      requireHostHeader: false,\n', '      requireHostHeader: false,\n      insecureHTTPParser: true,\n')

/** The guards of the to-do service, as the faults of its issue have them. */
export const serviceRemovals: Removals = {
  'a title that cannot be kept': {
    'empty and blank are refused': title('is blank', "  if (blank.test(title)) return { ok: false, problem: 'Write what is to be done.' }\n"),
    'what shows nothing is blank': title('is blank', '\\p{Default_Ignorable_Code_Point}'),
    '201 characters are refused': title('201 do not', 'if (length > longestTitle) return', 'if (length > 1_000_000) return'),
    'an emoji is one character': title('200 characters fit', 'const length = Array.from(title).length', 'const length = title.length'),
    'control characters are refused': title('has control characters', "  if (/\\p{Cc}/u.test(title)) return { ok: false, problem: 'Leave out the control characters: they cannot be shown.' }\n"),
    'half a surrogate pair is made well': title('becomes', 'typed.toWellFormed()', 'typed'),
    'the API has the same rules': api('in the words of the page', 'const parsed = parseTitle(value.title)\n', "const parsed = { ok: String(value.title) !== '\\0\\0', title: value.title, problem: '' }\n"),
    '1 MB is not even read': form('a body of 1 MB', '    bodyLimit: limits.bodyBytes,\n', '', 'app.ts'),
  },
  'markup in a title': {
    'templates escape by default': app('html.ts', 'html.test.ts', 'what is interpolated', "if (typeof value === 'string') return escapeHtml(value)", "if (typeof value === 'string') return value"),
    'quotes are escaped': app('html.ts', 'html.test.ts', 'what is interpolated', 'const everySpecial = /[&<>"\']/g', 'const everySpecial = /[&<>]/g'),
    'a row, joined by hand, escapes its title': app('tasks/task-list-page.ts', 'tasks/escaping.test.ts', 'every page is', 'const title = escapeHtml(task.title)', 'const title = task.title'),
    'what another site typed is not shown': app('error-pages.ts', 'error-pages.test.ts', 'unless another site', "name === 'CrossSite' || name === 'ForeignOrigin' ? undefined : typedIn(request)", 'typedIn(request)'),
    'a policy allows no script within a page': app('security/headers.ts', 'security/headers.test.ts', 'nothing that would loosen it', "script-src 'self'; ", "script-src 'self' 'unsafe-inline'; "),
  },
  'ids that are not one’s own': {
    'no number, a negative one, a huge one': title('only whole numbers', '  if (!/^[1-9]\\d{0,15}$/.test(text)) return undefined\n'),
    'one that JavaScript would round': title('only whole numbers', 'return Number.isSafeInteger(id) ? id : undefined', 'return id'),
    'SQLite: a list is of its owner': sqlite('are neither seen nor changed', 'WHERE owner = ? AND complete = ? AND id $', 'WHERE (owner = ? OR 1) AND complete = ? AND id $'),
    'SQLite: a task is found by its owner': sqlite('are neither seen nor changed', "const select = prepare('SELECT id, title, complete FROM tasks WHERE id = ? AND owner = ?')", "const select = prepare('SELECT id, title, complete FROM tasks WHERE id = ? AND (owner = ? OR 1)')"),
    'SQLite: a task is changed by its owner': sqlite('are neither seen nor changed', 'WHERE id = ? AND owner = ? RETURNING', 'WHERE id = ? AND (owner = ? OR 1) RETURNING'),
    'SQLite: a task is deleted by its owner': sqlite('are neither seen nor changed', "'DELETE FROM tasks WHERE id = ? AND owner = ?'", "'DELETE FROM tasks WHERE id = ? AND (owner = ? OR 1)'"),
    'SQLite: what is done is cleared by its owner': sqlite('are neither seen nor changed', 'WHERE owner = ? AND complete = 1', 'WHERE (owner = ? OR 1) AND complete = 1'),
    'MySQL: a list is of its owner': mysql('are neither seen nor changed', 'WHERE owner = ? AND complete = ? AND id $', 'WHERE (owner = ? OR 1) AND complete = ? AND id $'),
    'MySQL: a task is found by its owner': mysql('are neither seen nor changed', "select: 'SELECT id, title, complete FROM tasks WHERE id = ? AND owner = ?'", "select: 'SELECT id, title, complete FROM tasks WHERE id = ? AND (owner = ? OR 1)'"),
    'MySQL: a task is changed by its owner': mysql('are neither seen nor changed', "complete) WHERE id = ? AND owner = ?'", "complete) WHERE id = ? AND (owner = ? OR 1)'"),
    'MySQL: a task is deleted by its owner': mysql('are neither seen nor changed', "'DELETE FROM tasks WHERE id = ? AND owner = ?'", "'DELETE FROM tasks WHERE id = ? AND (owner = ? OR 1)'"),
    'a kept page is of its owner': cache('until its owner changes', 'byOwner.get(owner)?.get(key)', 'byOwner.values().next().value?.get(key)'),
  },
  'bodies that are not what they should be': {
    'a form is a form': form('a body of type', '  app.removeAllContentTypeParsers()\n', '', 'app.ts'),
    'the API takes JSON alone': api('a body of type', '    api.removeAllContentTypeParsers()\n', '', 'tasks/api.ts'),
    'broken JSON is told from a fault of ours': json('is malformed', "new MalformedJsonError('The body is no JSON', { cause: error })", '(error as Error)'),
    'a body that is nested deep is refused': json('nested', '  if (depth > deepest) throw new MalformedJsonError(`The body is nested more than ${deepest} deep`)\n'),
    'a member that is there twice is refused': json('a repeated member', 'if (membersOf(body) === namesIn(text))', 'if (membersOf(body) <= namesIn(text))'),
    'a field that is there twice is refused': form('a title that is sent twice', "if (Object.values((request.body ?? {}) as object).every((value) => typeof value === 'string')) done()", 'if (request.body !== reply) done()'),
    'a body is held to its schema': api('is refused, and it is said where', '  if (errors.length > 0) return { ok: false, errors }\n  const value = data as T\n', '  const value = data as T\n'),
    'a query is held to its schema': api('which parameter does not fit', "  if (errors.length > 0) return { ok: false, errors }\n  const { show = 'all'", "  const { show = 'all'"),
  },
  'a forged cookie': {
    'its signature is compared': cookie('proves nothing', 'if (mac.isSignedBy(owner, signature)) return', "if (signature !== '') return"),
    'its key signs nothing else': cookie('with the key of the form tokens', "createMac(deriveKey(current, 'session cookie'))", "createMac(deriveKey(current, 'form token'))"),
    'each use has a key of its own': mac('one of this text by this key', '.update(`todo ${use}`)', ".update(use.slice(0, 0))"),
    'a signature of another length is none': mac('shorter, longer', 'actual.length === expected.length && '),
    'over TLS another host cannot plant one': cookie('not looked at', "(isTls ? '__Host-todo' : 'todo')", "(isTls ? 'todo' : 'todo')"),
    'over TLS it is sent by TLS alone': cookie('behind TLS', '      secure: isTls,\n'),
    'no script reads it': cookie('as strict as that allows', '      httpOnly: true,\n'),
    'no form of another site sends it': cookie('as strict as that allows', "sameSite: 'lax'", "sameSite: 'none'"),
    'nobody guesses an owner': mac('random ids are 128 bits', '    randomFillSync(pool)\n'),
    'not more are remembered than there is room for': app('security/remember.ts', 'security/remember.test.ts', 'the oldest forgotten first', '    if (oldest !== undefined) known.delete(oldest)\n'),
  },
  'an old key after rotation': {
    'its cookies still prove the list': cookie('after a rotation of keys', 'return previousMac?.isSignedBy(owner, signature) === true ? { owner, isStale: true } : undefined', 'return undefined'),
    'its cookies are signed anew': cookie('after a rotation of keys', 'true ? { owner, isStale: true }', 'true ? { owner, isStale: false }'),
    'its forms are still taken': cookie('a form that was open', ' || (previousProof !== undefined && timingSafeEqual(proof, previousProof(owner)))', '', 'security/csrf.ts'),
    'a key is long enough': app('config.ts', 'config.test.ts', 'every problem', 'if (key.length >= leastSessionKeyBytes) return key', 'if (key.length >= 1) return key'),
    'a key is never told': app('config.ts', 'config.test.ts', 'never repeats a secret', '${variable} has ${key.length} bytes', '${variable} is ${text} of ${key.length} bytes'),
  },
  'cross-site request forgery': {
    'the browser says that another site sent it': csrf('that the browser calls', "  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'cross-site'\n"),
    'its origin is this host': csrf('a form from the origin', "  if (origin !== undefined && !isOwnOrigin) return 'foreign-origin'\n"),
    'over TLS its origin is this host over TLS': csrf('from the plain twin', ' && !arrivedByTls(request))', ')'),
    'it has a session': csrf('without a session cookie', "if (owner === undefined) return 'no-session'", 'if (owner === undefined) return undefined'),
    'it has a token': csrf('without a token', "if (token === undefined) return 'no-token'", 'if (token === undefined) return undefined'),
    'its token was made here': csrf('made-up token', "return tokens.isIssuedTo(owner, token) ? undefined : 'wrong-token'", 'return tokens.isIssuedTo(owner, token) ? undefined : undefined'),
    'its token was made for this session': csrf("another session's token", 'mac.digest(owner).subarray', "mac.digest(owner.slice(0, 0)).subarray"),
    'a token is another on each page': csrf('tokens differ each time', 'fillWithRandomBits(token, maskBytes)', 'token.fill(0)'),
    'no method is forgotten': csrf('every other method', "=> method === 'GET' ||", "=> method === 'DELETE' || method === 'GET' ||", 'security/methods.ts'),
    'it is counted': csrf('without a token', '    metrics.csrfFailures.increment()\n'),
    'it is logged': csrf('without a token', "    log(request, 'WARNING', `CSRF failure: ${csrfRefusals[refusal]}`, { reason: refusal })\n"),
  },
  'HTTP/1.1 smuggling attempts': {
    'one Host': http('smuggling by targets', 'if (hosts > 1 || (', 'if (('),
    'not without a Host': http('smuggling by targets', "hosts > 1 || (hosts === 0 && httpVersion === '1.1')", 'hosts > 1'),
    'a path as target': http('smuggling by targets', "  if (url.charCodeAt(0) !== 0x2f) return 'target'\n"),
    'HTTP/1.1 or 1.0': http('smuggling by targets', "  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'version'\n"),
    'methods that are known': http('smuggling by methods', "  if (!methods.has(method)) return 'method'\n"),
    'no tunnel': http('smuggling by methods', "  server.on('connect', (message, socket) => refuseRaw('method', socket as Socket, message))\n"),
    'no other protocol': http('what follows an offer', '      takeNoMore(socket)\n      response.shouldKeepAlive = false\n'),
    'no unknown expectation': http('an expectation', "    if (countOf(message.socket) !== over) refuse('expectation', response)\n", '    response.end()\n'),
    'nothing after a refusal': http('nothing is carried out', '    takeNoMore(message.socket)\n'),
    'one transfer encoding, and no length beside it': lenient('transfer encodings'),
    'lines that end as lines do': lenient('lines'),
    'chunks as long as they say': lenient('chunks'),
    'what was whole has its answer first': http('a request that was whole', 'response?.req.complete === true && !response.writableFinished', 'response?.req.complete === true && response.statusCode === 0'),
    'a refusal has the headers of every answer': http('smuggling by methods', '...securityHeaders, ', ''),
    'a refusal closes the connection': http('smuggling by methods', ", connection: 'close' }", ' }'),
    'a refusal is counted': http('smuggling by methods', '    metrics.httpRefusals.increment({ reason })\n', '', 'app.ts'),
    'a refusal is logged': http('smuggling by methods', "    if (reason !== 'timeout') logRefusal(reason, what)\n", '', 'app.ts'),
    'many refusals are one line': http('has one line', 'if (count !== undefined) {', 'if (count !== undefined && reason === id) {', 'observability/observe.ts'),
  },
  'too large, too many, too slow': {
    'headers': http('headers of 20 kB', 'maxHeaderSize: limits.headerBytes', 'maxHeaderSize: 1 << 20'),
    'many headers': http('101 headers', "  if (rawHeaders.length > 2 * limits.headerCount) return 'too-many-headers'\n"),
    'an address': http('an address of 3 kB', "  if (url.length > limits.urlLength) return 'url-too-long'\n"),
    'connections': http('connections beyond the most', '  server.maxConnections = limits.connections\n'),
    'tasks on one list': sqlite('a full list takes no more', '      if (lastThatFits.get(owner)) return undefined\n'),
    'requests at once on one connection': http('more requests at once', 'if (count > limits.pipelined) {', 'if (count > 1_000 * limits.pipelined) {'),
    'a request that takes its time': service('security/http-server.ts', 'attacks/slow-clients.test.ts', 'half of its body', '      requestTimeout: limits.requestMs,\n'),
  },
  'more than one client’s share': {
    'it is refused': rate('changes beyond the limit', 'if (!counted.isExceeded) return undefined', 'if (!counted.isExceeded || counted.max > 0) return undefined'),
    'only what the proxies add counts': rate('does not help', 'entries.pop()', 'entries.shift()', 'security/client-address.ts'),
    'what is no address does not count': client('the last address that was good', '      if (isIP(entry) === 0) return address\n'),
    'an IPv4 client is one however it comes': client('an IPv4 client of an IPv6 socket', "withoutMapping(socket.remoteAddress ?? '')", "(socket.remoteAddress ?? '')"),
    'a /64 is one client': rate('of one IPv6 network', 'networkOf(clientAddress(raw))', 'clientAddress(raw)'),
    'its memory is bounded': rate('the memory for clients', 'if (this.#windows.size >= mostClients) {', 'if (this.#windows.size >= 1e9) {'),
    'no proxy is trusted unless told': app('config.ts', 'config.test.ts', 'the one proxy that is trusted', '(service === undefined ? 0 : 1)', '1'),
  },
  'clock jumps': {
    'the rate has a clock of its own': rate('a jump of the wall clock', 'const now = performance.now()', 'const now = Date.now()'),
  },
  'a database that is locked': {
    'it is waited for': sqlite('given back in time', 'if (resultCode(error) !== busyCode || performance.now() >= deadline) throw', 'throw'),
    'it is waited for between turns': sqlite('given back in time', "      database.exec('PRAGMA busy_timeout = 0')\n"),
    'it is told from a fault of ours': sqlite('holds the lock', 'new Set([3, 5, 6,', 'new Set([3, 6,'),
    'it is seen before it is needed': sqlite('holds the lock', 'BEGIN IMMEDIATE; ROLLBACK;', 'SELECT 1'),
    'it is 503': form('while the database is locked', 'if (error instanceof StoreUnavailableError) {', "if (error instanceof StoreUnavailableError && error.message === '') {", 'error-pages.ts'),
    'it is said when to come back': form('while the database is locked', "reply.header('retry-after', retryAfterSeconds), 'Unavailable'", "reply, 'Unavailable'", 'error-pages.ts'),
    'one that waits takes no other with it': sqlite('takes no other with it', "      if (database.isTransaction) database.exec('ROLLBACK')\n      return undefined", '      return undefined'),
    'the end waits for what waits': sqlite('given back in time', '      await Promise.allSettled(underWay)\n'),
  },
  'a database that is full, read-only, damaged': {
    'full is told from a fault of ours': service('storage/sqlite-task-store.ts', 'storage/sqlite-faults.test.ts', 'a full disk takes no task', ' 11, 13, 14,', ' 11, 14,'),
    'read-only is told from a fault of ours': sqlite('can only be read', ' 7, 8, 10,', ' 7, 10,'),
    'damaged is told from a fault of ours': sqlite('damage that only shows later', ' 10, 11, 13,', ' 10, 13,'),
  },
  'a database that is gone, and back': {
    'a write whose answer was lost is not repeated': service('storage/mysql-task-store.ts', 'storage/mysql-faults.test.ts', 'a write is not', "(kind === 'read' && error.wasConnectionLost)", 'error.wasConnectionLost'),
    'a connection that was idle is asked first': service('storage/connection-pool.ts', 'storage/mysql-faults.test.ts', 'silently died', 'if ((await connection.ping()) && all.has(connection)) return connection', 'if (all.has(connection)) return connection'),
    'readiness asks it once for all': whole('health.ts', 'however many ask', '    if (latest !== undefined && performance.now() < latest.endsMs) return latest.isReady\n'),
    'readiness looks at it': whole('health.ts', '/ready at the database', '      await store.check()\n'),
  },
  'a page that is kept': {
    'what its owner changes is on the next': sqlite('what is to do is listed', '(kept.forget(owner), action())', 'action()'),
    'what another process writes is on the next': sqlite('what another process writes', 'createPageCache(() => Number((dataVersion.get() as unknown as [number])[0]))', 'createPageCache(() => Number((dataVersion.get() as unknown as [number])[0]) * 0)'),
    'nothing is believed of a file that was changed': cache('another connection has changed', '        byOwner.clear()\n'),
    'there is no end of others': cache('neither many owners', '      if (oldest !== undefined) byOwner.delete(oldest)\n'),
    'a row that is edited is no part of it': form('Edit shows the row', 'found.view.edit !== undefined) return', 'found.view.edit === -1) return', 'tasks/document-cache.ts'),
  },
  'kill -9 in the middle of writes': {
    'what is acknowledged is stored': service('storage/sqlite-task-store.ts', 'storage/sqlite-faults.test.ts', 'killed in the middle', 'Number(insert.run(owner, title).lastInsertRowid)', 'Number(setTimeout(() => insert.run(owner, title), 200)) * 0'),
    'what is written is first written beside': sqlite('in a file in WAL mode', 'PRAGMA journal_mode = WAL; '),
    'a step is taken whole or not at all': sqlite('a step that fails', 'for (const statement of migration.statements) database.exec(statement)', 'for (const statement of migration.statements) database.exec(`${statement}; COMMIT; BEGIN`)', 'storage/sqlite-migrations.ts'),
  },
  'instances that start at once': {
    'SQLite: what another did meanwhile is not done again': sqlite('is not taken again', 'const { pending } = planMigrations(known, readSteps(database))', 'const { pending } = plan', 'storage/sqlite-migrations.ts'),
    'MySQL: one does it, the others wait': service('storage/mysql-migrations.ts', 'storage/mysql-faults.test.ts', 'one instance does it', "'SELECT GET_LOCK(?, ?)'", "'SELECT 1 + 0 * LENGTH(?) + 0 * ?'"),
    'a step that was edited is refused': steps('a step that was edited', 'if (checksum !== undefined && checksum !== checksumOf(migration)) {', "if (checksum === '') {"),
    'what an older revision cannot use is refused': steps('changed otherwise is refused', 'if (needs > lastKnown) {', 'if (needs > lastKnown + 1_000) {'),
  },
  'text from outside in logs and metrics': {
    'nothing acts on a terminal': app('observability/log.ts', 'observability/log.test.ts', 'text from outside', '.replace(unsafeInTerminal, escapeCodeUnit)'),
    'nothing starts a line': app('observability/log.ts', 'observability/log.test.ts', 'stays text', 'const plain = /^[ !#-[\\]-~]*$/', 'const plain = /^[^"]*$/'),
    'the line of an answer is quoted': app('observability/observe.ts', 'observability/observe.test.ts', 'never starts a line', '${quote(userAgent.slice(0, longestUserAgent))}', '"${userAgent.slice(0, longestUserAgent)}"'),
    'another site reads no metrics by a name of its own': app('observability/admin.ts', 'observability/admin.test.ts', 'told only to who asks', "if (!isOurs(nameIn(request.headers.host ?? ''))) answer", "if (!isOurs(nameIn('localhost'))) answer"),
    'a path is no label': app('observability/observe.ts', 'observability/exposition.test.ts', 'no label holds', "createObserver(parts, request.method, 'none')", 'createObserver(parts, request.method, request.url)'),
  },
  'SIGTERM': {
    'readiness says so': whole('health.ts', 'while draining', "    if (isDraining()) return reply.code(503).send({ status: 'draining' })\n"),
    'each connection closes after its answer': whole('app.ts', 'while draining', 'if (isClosing || isDraining())', 'if (isClosing && isDraining())'),
    'who comes meanwhile is still answered': service('server.ts', 'lifecycle/drain.test.ts', 'while draining /ready', '!(await farewell(connections))', 'connections() < 0'),
    'what never ends is cut': service('server.ts', 'lifecycle/drain.test.ts', 'is cut in time', '      app.server.closeAllConnections()\n    }, cutMs)', '    }, cutMs)'),
  },
  'what nobody expected': {
    'a reader is told nothing internal': whole('app.ts', 'nothing internal', '  app.setErrorHandler(errorPages.thrown)\n'),
    'the log is told everything': whole('error-pages.ts', 'nothing internal', "      log(request, 'ERROR', 'A request failed unexpectedly', errorFields(error))\n"),
    'the last line says why': service('server.ts', 'lifecycle/mishaps.test.ts', 'the last line says what it was', "  log('CRITICAL', 'The service ends on an unexpected error', errorFields(error))\n"),
  },
  'headers that browsers act on': {
    'every answer has them': whole('app.ts', 'carries every security header', '  addSecurityHeaders(app)\n'),
    'an address that is none has them': whole('app.ts', 'carries every security header', 'reply.headers(securityHeadersFor(request)))', 'reply)'),
    'TLS stays TLS': whole('security/headers.ts', 'HSTS is sent', 'arrivedByTls(request) ? securityHeadersOverTls : securityHeaders', 'arrivedByTls(request) ? securityHeaders : securityHeaders'),
    'lists are not stored': whole('security/headers.ts', 'personal pages are not stored', "  'cache-control': 'no-store',\n"),
  },
}
