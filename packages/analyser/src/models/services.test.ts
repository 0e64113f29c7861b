import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'

/** What is told of requests and messages; of parameters of exported functions nothing is asked here. */
function found(files: Readonly<Record<string, string>>): string[] {
  const texts = new Map(Object.entries(files))
  return findingsOf(analyse(texts, new Map()), texts).filter(({ message }) => !message.startsWith('The parameter')).map(({ rule, location }) => `${rule.replace('sast/', '')}@${location!.path}:${location!.startLine}`)
}

const route = (body: string, imports = '') => `const app = require('express')()\n${imports}\napp.post('/', (req, res) => {\n${body}\n})\n`
const shell = `export class Shell {\n  runTool(name: string) {\n    require('child_process').exec(name)\n  }\n}\n`

test.each([
  ['a parameter of a constructor whose type is a class', `import { Shell } from './shell'\nexport class Routes {\n  constructor(private shell: Shell) {}\n  run(req: Request) {\n    this.shell.runTool(req.url)\n  }\n}\n`],
  ['a type that is only imported as one', `import type { Shell } from './shell'\nexport const run = (req: Request, shell: Shell) => shell.runTool(req.url)\n`],
  ['a field with a type', `import { Shell } from './shell'\nexport class Routes {\n  @Inject() shell: Shell\n  run(req: Request) {\n    this.shell.runTool(req.url)\n  }\n}\n`],
  ['what a container resolves', `import { Shell } from './shell'\nexport const run = (req: Request, container) => container.resolve(Shell).runTool(req.url)\n`],
  ['an interface that one class fills', `import type { Tool } from './tool'\nexport const run = (req: Request, tool: Tool) => tool.runTool(req.url)\n`],
  ['a name that a container injects', `export const createRoutes = ({ tools }) => ({ run: (req: Request) => tools.runTool(req.url) })\n`],
])('a service is reached by %s', (_, text) => {
  expect(found({ 'routes.ts': text, 'shell.ts': shell, 'tool.ts': `export interface Tool { runTool(name: string): void }\n` })).toEqual(['command-injection@shell.ts:3'])
})

test('a method that two classes have, or that a package may have, is not guessed', () => {
  const other = shell.replace('Shell', 'Other').replace(`require('child_process').exec(name)`, 'return name')
  const routes = `export const run = (req: Request, tool) => tool.runTool(req.url)\n`
  expect(found({ 'routes.ts': routes, 'shell.ts': shell, 'other.ts': other })).toEqual([])
  expect(found({ 'routes.ts': `import tool from 'some-tool'\nexport const run = (req: Request) => tool.runTool(req.url)\n`, 'shell.ts': shell })).toEqual([])
  expect(found({ 'routes.ts': `import Tool from 'some-tool'\nexport class A {\n  tool = new Tool()\n  run(req: Request) {\n    this.tool.runTool(req.url)\n  }\n}\n`, 'shell.ts': shell })).toEqual([])
})

test.each([
  ['a lone `request` of which nothing says that it came in', `export const send = (request) => { exec(request.url) }\n`, 0],
  ['one that is read as those that come in are', `export const run = (request) => { exec(request.query.x) }\n`, 1],
  ['a type of the program that has the name of a library\u2019s', `interface HttpRequest { url: string }\nexport const send = (one: HttpRequest) => { exec(one.url) }\n`, 0],
  ['the same from another file', `import type { HttpRequest } from './http'\nexport const send = (one: HttpRequest) => { exec(one.url) }\n`, 0],
  ['the library\u2019s', `import type { HttpRequest } from '@azure/functions'\nexport const send = (one: HttpRequest) => { exec(one.url) }\n`, 1],
  ['a type that extends the library\u2019s', `import type { Request } from './types'\nexport const run = (one: Request) => { exec(one.url) }\n`, 1],
])('what comes in is told from what is sent: %s', (_, text, count) => {
  expect(found({ 'a.ts': `import { exec } from 'node:child_process'\n${text}` }).filter((one) => one.startsWith('command'))).toHaveLength(count as number)
})

test('what a map holds is none of its methods, a table of functions by name has them', () => {
  const program = (made: string) => `${made}\nconst known = new Map()\nexport const ask = (req, res) => { known.set('a', () => req.query.x); known.set('b', 'ls'); return require('child_process').exec(known.get('b').name) }\n`
  expect(found({ 'a.js': program('') })).toEqual([])
  expect(found({ 'a.js': `const { exec } = require('child_process')\nconst table = {}\nfor (const name of ['get', 'put']) table[name] = (req) => exec(req.query.x)\nrequire('express')().use((req, res) => table.get(req))\n` })).toEqual(['command-injection@a.js:3'])
  expect(found({ 'a.js': `const { exec } = require('child_process')\nconst handlers = new Map()\nhandlers.set('run', (x) => exec(x))\nrequire('express')().use((req, res) => handlers.get('run')(req.query.x))\n` })).toEqual(['command-injection@a.js:3'])
})

const sink = `const { exec } = require('child_process')\n`
test.each([
  ['Nest', 'a.ts', `${sink}@Controller()\nclass A {\n  @Get()\n  get(@Query('x') x: string) { exec(x) }\n}\n`],
  ['Next, by file', 'app/api/x/route.ts', `${sink}export async function POST(request) { const { x } = await request.json(); exec(x) }\n`],
  ['Next, pages', 'pages/api/x.js', `${sink}export default function (a, b) { exec(a.query.x) }\n`],
  ['a server action', 'actions.ts', `'use server'\n${sink}export async function run(x) { exec(x) }\n`],
  ['SvelteKit', 'src/routes/x/+server.ts', `${sink}export const GET = ({ url }) => { exec(url.searchParams.get('x')) }\n`],
  ['Lambda', 'index.js', `${sink}exports.handler = async (event) => exec(event.queryStringParameters.x)\n`],
  ['a Cloud Function', 'index.js', `${sink}require('@google-cloud/functions-framework').http('x', (a, b) => exec(a.query.x))\n`],
  ['ws', 'ws.js', `${sink}const { WebSocketServer } = require('ws')\nnew WebSocketServer({}).on('connection', (socket) => socket.on('message', (data) => exec(data.toString())))\n`],
  ['socket.io', 'io.js', `${sink}const { Server } = require('socket.io')\nnew Server().on('connection', (socket) => { socket.on('run', (x, done) => exec(x)) })\n`],
  ['tRPC', 'trpc.ts', `${sink}import { initTRPC } from '@trpc/server'\nconst t = initTRPC.create()\nexport const r = t.router({ run: t.procedure.input((x) => x).mutation(({ input }) => exec(input)) })\n`],
  ['GraphQL', 'graphql.js', `${sink}const { ApolloServer } = require('@apollo/server')\nnew ApolloServer({ typeDefs: '', resolvers: { Query: { run: (_, { x }) => exec(x) } } })\n`],
  ['Fastify, a route as an object', 'f.js', `${sink}require('fastify')().route({ method: 'GET', url: '/', handler: (a, b) => exec(a.query.x) })\n`],
  ['Express, a parameter of the path', 'e.js', `${sink}require('express')().param('id', (req, res, next, id) => exec(id))\n`],
  ['a decorator of the program', 'a.ts', `${sink}import { createParamDecorator } from '@nestjs/common'\nconst Name = createParamDecorator((data, context) => context.switchToHttp().getRequest().query.name)\n@Controller()\nclass A {\n  @Get()\n  get(@Name() x: string) { exec(x) }\n}\n`],
  ['inversify', 'a.ts', `${sink}@controller('/')\nclass A {\n  @httpGet('/')\n  get(@queryParam('x') x: string) { exec(x) }\n}\n`],
  ['a handler that is wrapped', 'pages/api/x.ts', `${sink}const handler = (a, b) => exec(a.query.x)\nexport default withSession(handler)\n`],
  ['a Lambda of another name', 'users.ts', `${sink}export const list: Handler = async (event) => exec(event.body)\n`],
  ['a plugin of Fastify', 'p.ts', `${sink}import fp from 'fastify-plugin'\nexport default fp(async (app) => { app.get('/', async (a) => exec(a.query.x)) })\n`],
  ['a plugin of Fastify that is loaded by its place', 'src/routes/p.js', `${sink}module.exports = async function (fastify) { fastify.get('/', async (a) => exec(a.query.x)) }\n`],
  ['a table of routes', 't.js', `${sink}const app = require('express')()\nconst routes = [{ method: 'get', path: '/', handler: (a, b) => exec(a.query.x) }]\nroutes.forEach(({ method, path, handler }) => app[method](path, handler))\n`],
  ['a field that a middleware put into the request', 'm.js', `${sink}const app = require('express')()\napp.use((req, res, next) => { req.filter = { x: req.query.x }; next() })\napp.get('/', (req, res) => exec(req.filter.x))\n`],
  ['what a middleware left for later', 'm.js', `${sink}const app = require('express')()\napp.use((req, res, next) => { res.locals.x = req.query.x; next() })\napp.get('/', (req, res) => exec(res.locals.x))\n`],
  ['the chunks of a body', 'b.js', `${sink}require('http').createServer(async (a, b) => { const parts = []; for await (const part of a) parts.push(part); exec(Buffer.concat(parts).toString()) })\n`],
  ['Nuxt', 'server/api/x.ts', `${sink}export default defineEventHandler(async (event) => { const { x } = getQuery(event); exec(x) })\n`],
  ['hapi', 'h.js', `${sink}const server = require('@hapi/hapi').server({})\nserver.route({ method: 'GET', path: '/', handler: (a, b) => exec(a.query.x) })\n`],
  ['Elysia', 'e.ts', `${sink}import { Elysia } from 'elysia'\nnew Elysia().get('/', ({ query }) => exec(query.x))\n`],
  ['Redis', 'a.ts', `${sink}import Redis from 'ioredis'\nnew Redis().on('message', (channel, message) => exec(message))\n`],
  ['RabbitMQ, by callbacks', 'a.js', `${sink}require('amqplib/callback_api').connect('', (error, connection) => connection.createChannel((error, channel) => channel.consume('q', (message) => exec(message.content.toString()))))\n`],
  ['Bull', 'a.ts', `${sink}import Queue from 'bull'\nnew Queue('q').process(async (job) => exec(job.data.x))\n`],
  ['SQS', 'a.ts', `${sink}import { SQSClient, ReceiveMessageCommand } from '@aws-sdk/client-sqs'\nconst { Messages } = await new SQSClient({}).send(new ReceiveMessageCommand({ QueueUrl: '' }))\nfor (const message of Messages) exec(message.Body)\n`],
  ['Pub/Sub', 'a.ts', `${sink}import { PubSub } from '@google-cloud/pubsub'\nnew PubSub().subscription('s').on('message', (message) => exec(message.data.toString()))\n`],
  ['MQTT', 'a.ts', `${sink}import mqtt from 'mqtt'\nmqtt.connect('').on('message', (topic, payload) => exec(payload.toString()))\n`],
  ['NATS', 'a.ts', `${sink}import { connect } from 'nats'\nconst client = await connect()\nfor await (const message of client.subscribe('s')) exec(String(message.data))\n`],
  ['a command line', 'c.js', `${sink}const { program } = require('commander')\nprogram.command('x').action((x) => exec(x))\n`],
])('untrusted input comes in by %s', (_, path, text) => {
  expect(found({ [path]: text }).map((one) => one.split('@')[0])).toEqual(['command-injection'])
})

test.each([
  ['mysql', `require('mysql2').createPool({}).query("SELECT '" + req.body.x + "'")`],
  ['an unknown client, by the text', `req.app.locals.db.query("SELECT * FROM t WHERE a = '" + req.body.x + "'")`],
  ['knex', `require('knex')({}).raw('SELECT ' + req.body.x)`],
  ['sequelize', `const { Sequelize } = require('sequelize'); new Sequelize('').query('SELECT ' + req.body.x)`],
  ['a literal of sequelize', `const { literal } = require('sequelize'); literal(req.body.x)`],
  ['prisma', `const { PrismaClient } = require('@prisma/client'); new PrismaClient().$executeRawUnsafe(req.body.x)`],
  ['drizzle', `const { sql } = require('drizzle-orm'); sql.raw(req.body.x)`],
  ['kysely', `const { sql } = require('kysely'); sql.raw(req.body.x)`],
  ['better-sqlite3', `new (require('better-sqlite3'))('x').prepare('SELECT ' + req.body.x)`],
])('untrusted text in SQL is told with %s', (_, body) => {
  expect(found({ 'a.js': route(body) })).toEqual(['sql-injection@a.js:4'])
})

test.each([
  ['parameters of mysql', `require('mysql2').createPool({}).query('SELECT ?', [req.body.x])`],
  ['parameters of an unknown client', `req.app.locals.db.query('SELECT $1', [req.body.x])`],
  ['a tagged template of prisma', `const { PrismaClient } = require('@prisma/client'); new PrismaClient().$queryRaw\`SELECT \${req.body.x}\``],
  ['a tagged template of postgres', `const sql = require('postgres')(); sql\`SELECT \${req.body.x}\``],
  ['a tagged template of drizzle', `const { sql } = require('drizzle-orm'); sql\`SELECT \${req.body.x}\``],
  ['an escaped value', `const mysql = require('mysql'); mysql.createPool({}).query('SELECT ' + mysql.escape(req.body.x))`],
  ['an identifier that a schema has checked', `const { z } = require('zod'); const { id } = z.object({ id: z.string().uuid() }).parse(req.body); require('mysql').createPool({}).query('SELECT ' + id)`],
  ['a number of a safe parse', `const { z } = require('zod'); const { data } = z.object({ n: z.coerce.number() }).safeParse(req.body); require('mysql').createPool({}).query('SELECT ' + data.n)`],
  ['a value of joi', `const Joi = require('joi'); const { value } = Joi.object({ sort: Joi.string().valid('a', 'b') }).validate(req.body); require('mysql').createPool({}).query('SELECT ' + value.sort)`],
])('nothing is said of SQL with %s', (_, body) => {
  expect(found({ 'a.js': route(body) }).filter((one) => one.startsWith('sql'))).toEqual([])
})

test('text that a schema has let through as it is stays untrusted', () => {
  expect(found({ 'a.js': route(`const { z } = require('zod'); const { name } = z.object({ name: z.string() }).parse(req.body); require('mysql').createPool({}).query('SELECT ' + name)`) })).toEqual(['sql-injection@a.js:4'])
})

const users = `const User = require('mongoose').model('User')\n`
test.each([
  ['a value of the body', `User.findOne({ token: req.body.token })`, 1],
  ['the body', `User.find(req.body)`, 1],
  ['a condition within another', `User.find({ $and: [{ token: req.body.token }] })`, 1],
  ['a parameter of the path', `User.findOne({ token: req.params.token })`, 0],
  ['text', `User.findOne({ token: String(req.body.token) })`, 0],
  ['what `toString` made text of', `User.findOne({ token: req.body.token.toString() })`, 0],
  ['what only text has', `User.findOne({ token: req.body.token.trim() })`, 0],
  ['what an object may have as well', `User.findOne({ token: req.body.token.slice(1) })`, 1],
  ['text joined', `User.findOne({ token: 'a-' + req.body.token })`, 0],
  ['the value of an operator', `User.findOne({ token: { $eq: req.body.token } })`, 0],
  ['what was found to be text', `if (typeof req.body.token === 'string') User.findOne({ token: req.body.token })`, 0],
])('a filter with %s', (_, body, count) => {
  expect(found({ 'a.js': route(body, users) }).filter((one) => one.startsWith('nosql'))).toHaveLength(count as number)
})

const handler = `${users}const handler = async (req, res) => res.json(await User.findOne({ token: req.body.token }))\nconst router = require('express').Router()\n`
const joi = `const Joi = require('joi'); const schema = Joi.object({ token: Joi.string() })\n`
const ajv = `const Ajv = require('ajv')\nconst ajv = new Ajv()\n`
const zod = `const { z } = require('zod'); const schema = z.object({ token: z.string() })\n`

/** What is told of a handler behind each middleware: that which says of the token that it is text, and one that looks almost the same. */
test.each([
  ['a function that hands the body to a schema', `${joi}const validate = (schema) => (req, res, next) => { const { error } = schema.validate(req.body); if (error) return res.sendStatus(400); next() }\n`, 'validate(schema)', 'validate(Joi.object({ name: Joi.string() }).unknown())'],
  ['a function that asks what the schema found', `${joi}const validate = (schema) => (req, res, next) => { if (schema.validate(req.body).error) return res.sendStatus(400); next() }\nconst forget = (schema) => (req, res, next) => { schema.validate(req.body); next() }\n`, 'validate(schema)', 'forget(schema)'],
  ['another function of that name', `${joi}const validate = (schema) => (req, res, next) => { Joi.assert(req.body, schema); next() }\nconst validateLog = (schema) => (req, res, next) => { console.log('validated'); next() }\n`, 'validate(schema)', 'validateLog(schema)'],
  ['a function that is told which part of the request', `${joi}const validate = (schema, part) => (req, res, next) => { const { error } = schema.validate(req[part]); next(error) }\n`, `validate(schema, 'body')`, `validate(schema, 'query')`],
  ['a function that hands over the parts of the request', `const { z } = require('zod')\nconst check = (schema) => async (req, res, next) => { await schema.parseAsync({ body: req.body, query: req.query }); next() }\n`, 'check(z.object({ body: z.object({ token: z.string() }) }))', 'check(z.object({ query: z.object({ token: z.string() }) }))'],
  ['a function that takes the schema of a part', `const { z } = require('zod')\nconst check = (schemas) => (req, res, next) => { req.body = schemas.body.parse(req.body); next() }\n`, 'check({ body: z.object({ token: z.string() }) })', 'check({ query: z.object({ token: z.string() }) })'],
  ['a function with a schema of its own', `${zod}const check = (req, res, next) => { req.body = schema.parse(req.body); next() }\nconst look = (req, res, next) => { schema.parse(req.query); next() }\n`, 'check', 'look'],
  ['a function that puts in its place what a schema has kept of it', `const { z } = require('zod'); const names = z.object({ name: z.string() })\nconst keep = (req, res, next) => { req.body = names.parse(req.body); next() }\nconst look = (req, res, next) => { names.parse(req.body); next() }\n`, 'keep', 'look'],
  ['celebrate', `const { celebrate, Joi } = require('celebrate')\n`, 'celebrate({ body: Joi.object({ token: Joi.string() }) })', 'celebrate({ query: Joi.object({ token: Joi.string() }) })'],
  ['celebrate, by its segments', `const { celebrate, Joi, Segments } = require('celebrate')\n`, 'celebrate({ [Segments.BODY]: { token: Joi.string() } })', 'celebrate({ [Segments.BODY]: { name: Joi.string() } })'],
  ['a package that is given a schema', `${zod}const { validateRequest } = require('zod-express-middleware')\n`, 'validateRequest({ body: schema })', 'validateRequest({ query: schema })'],
  ['express-validator', `const { body, validationResult } = require('express-validator')\nconst stop = (req, res, next) => (validationResult(req).isEmpty() ? next() : res.sendStatus(400))\n`, `[body('token').isString().isLength({ min: 1 }), stop]`, `[body('token').exists().isLength({ min: 1 }), stop]`],
  ['express-validator, of that field', `const { body, query, validationResult } = require('express-validator')\nconst stop = (req, res, next) => (validationResult(req).isEmpty() ? next() : res.sendStatus(400))\n`, `body('token').isUUID(), stop`, `query('token').isUUID(), stop`],
  ['a schema of express-validator', `const { checkSchema, validationResult } = require('express-validator')\nconst stop = (req, res, next) => (validationResult(req).isEmpty() ? next() : res.sendStatus(400))\n`, 'checkSchema({ token: { isUUID: true } }), stop', 'checkSchema({ token: { exists: true } }), stop'],
  ['a function that was compiled of a JSON schema', `${ajv}const check = ajv.compile({ properties: { token: { type: 'string' } } })\nconst other = ajv.compile({ properties: { name: { type: 'string' } } })\nconst behind = (check) => (req, res, next) => (check(req.body) ? next() : res.sendStatus(400))\nconst stop = (req, res, next) => { if (!check(req.body)) return res.sendStatus(400); next() }\nconst stopOther = (req, res, next) => { const ok = other(req.body); if (!ok) return res.sendStatus(400); next() }\n`, 'stop', 'stopOther'],
  ['a JSON schema whose answer is asked', `${ajv}const check = ajv.compile({ properties: { token: { type: 'string' } } })\nconst ask = (req, res, next) => { if (!check(req.body)) return res.sendStatus(400); next() }\nconst forget = (req, res, next) => { check(req.body); next() }\n`, 'ask', 'forget'],
  ['a JSON schema that a function is told', `${ajv}const validate = (schema) => { const check = ajv.compile(schema); return (req, res, next) => { if (!check(req.body)) return res.sendStatus(400); next() } }\n`, `validate({ properties: { token: { type: 'string' } } })`, `validate({ properties: { name: { type: 'string' } } })`],
  ['a JSON schema that ajv is handed with the body', `${ajv}const validate = (schema) => (req, res, next) => (ajv.validate(schema, req.body) ? next() : res.sendStatus(400))\n`, `validate({ additionalProperties: false, properties: { token: { type: 'string' } } })`, `validate({ properties: { token: { type: 'object' } } })`],
])('a handler is behind %s', (_, beside, validates, not) => {
  const told = (middleware: string) => found({ 'a.js': `${handler}${beside}router.post('/', ${middleware}, handler)\n` })
  expect([told(validates), told(not)]).toEqual([[], ['nosql-injection@a.js:2']])
})

/** Of a router in a file of its own. */
const mounted = (app: string) => found({ 'users.js': `${handler}router.post('/', handler)\nmodule.exports = router\n`, 'app.js': `const app = require('express')()\n${joi}const stop = (req, res, next) => { const { error } = schema.validate(req.body); next(error) }\n${app}\n` })

test.each([
  ['before its router', `app.use(stop)\napp.use('/users', require('./users'))`, 0],
  ['with its router', `app.use('/users', stop, require('./users'))`, 0],
  ['of a router between', `const api = require('express').Router()\napi.use('/users', require('./users'))\napp.use('/api', stop, api)`, 0],
  ['that knows the whole interface', `app.use(require('express-openapi-validator').middleware({ apiSpec: 'api.yaml' }))\napp.use('/users', require('./users'))`, 0],
  ['behind its router', `app.use('/users', require('./users'))\napp.use(stop)`, 1],
  ['for other paths', `app.use('/admin', stop)\napp.use('/users', require('./users'))`, 1],
  ['for one of two places', `app.use('/a', stop, require('./users'))\napp.use('/b', require('./users'))`, 1],
  ['of another application', `const other = require('express')()\nother.use(stop)\napp.use('/users', require('./users'))`, 1],
  ['that is set up elsewhere', `const setUp = () => app.use(stop)\napp.use('/users', require('./users'))`, 1],
])('a validator stands %s', (_, app, count) => {
  expect(mounted(app)).toHaveLength(count as number)
})

test.each([
  ['a number', 'z.number()', 0],
  ['one of a list', `z.enum(['a', 'b'])`, 0],
  ['text', 'z.string()', 1],
])('what Hono gives as checked is %s', (_, schema, count) => {
  expect(found({ 'a.ts': `${sink}import { Hono } from 'hono'\nimport { zValidator } from '@hono/zod-validator'\nimport { z } from 'zod'\nnew Hono().post('/', zValidator('json', z.object({ x: ${schema} })), (c) => { const { x } = c.req.valid('json'); exec(x) })\n` }).filter((one) => one.startsWith('command'))).toHaveLength(count as number)
})

test('what nobody knows but by its name validates nothing', () => {
  expect(found({ 'a.js': `${handler}router.post('/', validate(schema), handler)\n` })).toEqual(['nosql-injection@a.js:2'])
})

test('errors of express-validator count where the program asks for them', () => {
  expect(found({ 'a.js': `${handler}const { body } = require('express-validator')\nrouter.post('/', body('token').isUUID(), handler)\n` })).toEqual(['nosql-injection@a.js:2'])
})

test('a handler that also another route leads to is checked as far as both check it', () => {
  const celebrate = `${handler}const { celebrate, Joi } = require('celebrate')\nconst a = celebrate({ body: Joi.object({ token: Joi.string() }) })\nrouter.post('/', a, handler)\n`
  expect(found({ 'a.js': celebrate })).toEqual([])
  expect(found({ 'a.js': `${celebrate}router.post('/b', handler)\n` })).toEqual(['nosql-injection@a.js:2'])
  expect(found({ 'a.js': `${celebrate}router.post('/b', celebrate({ body: Joi.object({ name: Joi.string() }).unknown() }), handler)\n` })).toEqual(['nosql-injection@a.js:2'])
  expect(found({ 'a.js': `${celebrate}router.post('/b', handler, a)\n` })).toEqual(['nosql-injection@a.js:2'])
})

test('a validator is as good in another file', () => {
  const checks = `const Joi = require('joi')\nconst validate = (schema) => (req, res, next) => { const { error } = schema.validate(req.body); next(error) }\nexports.create = validate(Joi.object({ token: Joi.string() }))\nexports.rename = validate(Joi.object({ name: Joi.string() }).unknown())\n`
  const told = (name: string) => found({ 'checks.js': checks, 'a.js': `${handler}const checks = require('./checks')\nrouter.post('/', checks.${name}, catchAsync(handler))\n` })
  expect([told('create'), told('rename')]).toEqual([[], ['nosql-injection@a.js:2']])
})

test.each([
  ['of the body', `body: { type: 'object', properties: { token: { type: 'string' } } }`, 0],
  ['of another field', `body: { type: 'object', properties: { name: { type: 'string' } } }`, 1],
  ['of an object', `body: { type: 'object', properties: { token: { type: 'object' } } }`, 1],
  ['of the answer', `response: { 200: { type: 'string' } }`, 1],
  ['of TypeBox', `body: Type.Object({ token: Type.String() })`, 0],
])('Fastify checks what its schema says: one %s', (_, schema, count) => {
  expect(found({ 'a.js': `${users}const { Type } = require('@sinclair/typebox')\nrequire('fastify')().post('/', { schema: { ${schema} } }, async (request) => User.findOne({ token: request.body.token }))\n` }).filter((one) => one.startsWith('nosql'))).toHaveLength(count as number)
})

test('text that a validator has let pass is still untrusted, a number is not', () => {
  const route = (type: string) => `${sink}const { celebrate, Joi } = require('celebrate')\nrequire('express')().post('/', celebrate({ body: { x: Joi.${type}() } }), (req) => exec('ls ' + req.body.x))\n`
  expect(found({ 'a.js': route('string') })).toContain('command-injection@a.js:3')
  expect(found({ 'a.js': route('number') })).not.toContain('command-injection@a.js:3')
})

test('a field of a class that a decorator checks is harmless, the others are not', () => {
  const dto = `export class Dto {\n  @IsUUID() id: string\n  @IsString() name: string\n}\n`
  const controller = (field: string) => `import { Dto } from './dto'\n${sink}@Controller()\nclass A {\n  @Post()\n  post(@Body() dto: Dto) { exec(dto.${field}) }\n}\n`
  expect(found({ 'dto.ts': dto, 'a.ts': controller('id') })).toEqual([])
  expect(found({ 'dto.ts': dto, 'a.ts': controller('name') })).toEqual(['command-injection@a.ts:6'])
})

test.each([
  ['an object', `res.send({ ...req.body, done: true })`],
  ['an answer of another type', `res.setHeader('Content-Type', 'text/plain'); res.end(req.query.x)`],
  ['headers that a function gives back', `const headers = () => ({ 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }); res.writeHead(200, headers()); res.end(req.query.x)`],
  ['headers that are spread', `const plain = { 'content-type': 'text/plain' }; res.writeHead(200, { ...plain, etag: 'a' }); res.end(req.query.x)`],
  ['a function that begins the answer', `const begin = (res, headers) => { for (const [name, value] of Object.entries(headers)) res.setHeader(name, value) }; begin(res, { 'content-type': 'text/plain' }); res.end(req.query.x)`],
  ['a file of another type', `res.type('image/png').send(req.query.x)`],
])('an answer that is no page is left alone: %s', (_, body) => {
  expect(found({ 'a.js': route(body) }).filter((one) => one.startsWith('cross'))).toEqual([])
})

test.each([
  ['of a page', `const headers = () => ({ 'Content-Type': 'text/html' }); res.writeHead(200, headers()); res.end(req.query.x)`],
  ['without a type', `const headers = () => ({ etag: 'a' }); res.writeHead(200, headers()); res.end(req.query.x)`],
])('an answer with headers %s is told', (_, body) => {
  expect(found({ 'a.js': route(body) }).filter((one) => one.startsWith('cross'))).toHaveLength(1)
})

test.each([
  ['data beside a fixed address', `axios.post('https://api.example.test/', req.body, { host: 'api.example.test' })`, 0],
  ['a form beside a fixed address', `const form = new URLSearchParams(); form.append('text', req.query.text); axios.post('https://api.example.test/', form)`, 0],
  ['a body where other clients take options', `require('needle').post('https://api.example.test/', req.body, { host: 'api.example.test' })`, 0],
  ['a path behind a fixed host', 'axios.get(`https://api.example.test/${req.params.id}`)', 0],
  ['the path of a parsed address', `const { pathname } = new URL(req.query.u); axios.get('https://api.example.test' + pathname)`, 0],
  ['a base address', `axios.get('/x', { baseURL: req.body.base })`, 1],
  ['a client with a base address', `axios.create({ baseURL: req.body.base }).get('/x')`, 1],
  ['an address', `axios.get(req.query.u)`, 1],
])('a request with %s', (_, body, count) => {
  expect(found({ 'a.js': route(body, `const axios = require('axios')`) }).filter((one) => one.startsWith('server-side'))).toHaveLength(count as number)
})

test('the options of a template engine are no place for a whole body', () => {
  expect(found({ 'a.js': route(`res.render('page', { ...req.body, title: 'x' })`) })).toEqual(['mass-assignment@a.js:4'])
  expect(found({ 'a.js': route(`res.render('page', { name: req.body.name })`) })).toEqual([])
})

test('the path of a request behind a host does not change that host, alone it may', () => {
  expect(found({ 'a.js': route('res.redirect(`https://www.${process.env.HOST}${req.path}`)') })).toEqual([])
  expect(found({ 'a.js': route('res.redirect(req.path)') })).toEqual(['open-redirect@a.js:4'])
  expect(found({ 'a.js': route('res.redirect(`https://www.${process.env.HOST}${req.query.path}`)') })).toEqual(['open-redirect@a.js:4'])
})

test('a spread object is an object of its own, no prototype', () => {
  expect(found({ 'a.js': route(`const table = {}; const entry = { ...table[req.body.a] }; entry[req.body.b] = 1`) })).toEqual([])
  expect(found({ 'a.js': route(`const table = {}; const entry = table[req.body.a]; entry[req.body.b] = 1`) })).toEqual(['prototype-pollution@a.js:4'])
})
