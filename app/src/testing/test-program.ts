import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { expectDescribed } from './described.ts'

/** A request as a test gives it: a body that is text is sent as it is; headers that are '' are left out. */
export interface ProgramRequest {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'TRACE'

/** A program that uses the API with a session of its own. Each answer it gets is held to the OpenAPI document. */
export interface TestProgram {
  readonly cookies: Map<string, string>
  token: string
  send(method: Method, url: string, request?: ProgramRequest): Promise<LightMyRequestResponse>
}

/** Begins a session and gets its token, as the document says. */
export async function startProgram(app: FastifyInstance): Promise<TestProgram> {
  const program: TestProgram = {
    cookies: new Map(),
    token: '',
    async send(method, url, { body, headers = {} } = {}) {
      const all: Record<string, string> = {
        host: 'todo.test',
        cookie: Array.from(program.cookies, ([name, value]) => `${name}=${value}`).join('; '),
        ...(!['GET', 'HEAD'].includes(method) && { 'x-csrf-token': program.token }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      }
      const answer = await app.inject({
        method: method as 'GET',
        url,
        headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      for (const { name, value } of answer.cookies) program.cookies.set(name, encodeURIComponent(value))
      expectDescribed(method, url, answer)
      return answer
    },
  }
  program.token = (await program.send('GET', '/api/csrf-token')).json<{ token: string }>().token
  return program
}
