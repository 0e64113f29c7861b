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
  ['text joined', `User.findOne({ token: 'a-' + req.body.token })`, 0],
  ['the value of an operator', `User.findOne({ token: { $eq: req.body.token } })`, 0],
  ['what was found to be text', `if (typeof req.body.token === 'string') User.findOne({ token: req.body.token })`, 0],
])('a filter with %s', (_, body, count) => {
  expect(found({ 'a.js': route(body, users) }).filter((one) => one.startsWith('nosql'))).toHaveLength(count as number)
})

test('a handler behind a middleware that validates is left alone, unless another route has none', () => {
  const handler = `${users}const handler = async (req, res) => res.json(await User.findOne({ token: req.body.token }))\nconst router = require('express').Router()\n`
  expect(found({ 'a.js': `${handler}router.post('/', validate(schema), handler)\n` })).toEqual([])
  expect(found({ 'a.js': `${handler}router.post('/', validate(schema), catchAsync(handler))\n` })).toEqual([])
  expect(found({ 'a.js': `${handler}router.post('/', validate(schema), handler)\nrouter.post('/b', handler)\n` })).toEqual(['nosql-injection@a.js:2'])
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
  ['a file of another type', `res.type('image/png').send(req.query.x)`],
])('an answer that is no page is left alone: %s', (_, body) => {
  expect(found({ 'a.js': route(body) }).filter((one) => one.startsWith('cross'))).toEqual([])
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
