import type { LibraryModel, Shape } from './shape.ts'

const named = (api: string, ...members: readonly string[]): Shape => ({ call: {}, construct: {}, api, members: Object.fromEntries(members.map((name) => [name, { call: {}, construct: {}, api: `${api}.${name}` }])) })
const alias = (api: string, ...members: readonly string[]): Shape => ({ call: {}, construct: {}, api, members: Object.fromEntries(members.map((name) => [name, { call: {}, construct: {}, api }])) })

const jsonWebToken = named('jsonwebtoken', 'sign', 'verify', 'decode')
const bcrypt = named('bcrypt', 'hash', 'hashSync', 'genSalt', 'genSaltSync')
const apollo = alias('apollo', 'ApolloServer')
const cryptoJs = named('crypto-js', 'MD5', 'SHA1', 'RIPEMD160', 'HmacMD5', 'HmacSHA1', 'PBKDF2', 'EvpKDF')
const cipherJs = (name: string): Shape => ({ api: `crypto-js.${name}`, members: { encrypt: { call: {}, api: `crypto-js.${name}.encrypt` }, decrypt: { call: {}, api: `crypto-js.${name}.decrypt` } } })

/** Libraries by which a service protects itself, under the names by which rules know their calls. They carry no data on. */
export const protections: LibraryModel = {
  modules: {
    'express-session': named('express-session'),
    'cookie-session': named('cookie-session'),
    'client-sessions': named('client-sessions'),
    'koa-session': alias('koa-session', 'createSession'),
    'koa-generic-session': named('koa-session'),
    '@fastify/session': alias('fastify-session', 'fastifySession'),
    'fastify-session': named('fastify-session'),
    '@fastify/secure-session': named('fastify-session'),
    'fastify-secure-session': named('fastify-session'),
    'cookie-parser': named('cookie-parser'),
    csurf: named('csrf'),
    'tiny-csrf': named('csrf'),
    'csrf-csrf': { api: 'csrf', members: { doubleCsrf: { call: {}, api: 'csrf' } } },
    'csrf-sync': { api: 'csrf', members: { csrfSync: { call: {}, api: 'csrf' } } },
    lusca: { call: {}, api: 'lusca', members: { csrf: { call: {}, api: 'csrf' } } },
    'koa-csrf': named('csrf'),
    '@fastify/csrf-protection': named('csrf'),
    'fastify-csrf': named('csrf'),
    cors: named('cors'),
    '@koa/cors': named('cors'),
    'koa2-cors': named('cors'),
    '@fastify/cors': named('fastify-cors'),
    'fastify-cors': named('fastify-cors'),
    'hono/cors': { members: { cors: { call: {}, api: 'cors' } } },
    helmet: named('helmet'),
    jsonwebtoken: jsonWebToken,
    'jwt-simple': named('jwt-simple', 'encode', 'decode'),
    'express-jwt': alias('express-jwt', 'expressjwt'),
    'passport-jwt': { members: { Strategy: { construct: {}, api: 'passport-jwt' } } },
    'jwt-decode': alias('jwt-decode', 'jwtDecode'),
    bcrypt,
    bcryptjs: bcrypt,
    'bcrypt-nodejs': bcrypt,
    md5: named('md5'),
    'blueimp-md5': named('md5'),
    sha1: named('sha1'),
    'crypto-js': { ...cryptoJs, members: { ...cryptoJs.members, AES: cipherJs('AES'), DES: cipherJs('DES'), TripleDES: cipherJs('TripleDES'), RC4: cipherJs('RC4'), Rabbit: cipherJs('Rabbit') } },
    'node-rsa': named('node-rsa'),
    'serve-index': named('serve-index'),
    'serve-static': named('express.static'),
    'koa-static': named('express.static'),
    '@fastify/static': named('fastify-static'),
    'fastify-static': named('fastify-static'),
    'body-parser': { members: { json: { call: {}, api: 'express.json' }, urlencoded: { call: {}, api: 'express.urlencoded' }, text: { call: {}, api: 'express.text' }, raw: { call: {}, api: 'express.raw' } } },
    'apollo-server': apollo,
    'apollo-server-express': apollo,
    '@apollo/server': apollo,
    'express-graphql': alias('graphql-http', 'graphqlHTTP'),
    mercurius: named('mercurius'),
    errorhandler: named('errorhandler'),
    vm2: { members: { VM: { construct: { returns: 'vm2' }, api: 'vm2' }, NodeVM: { construct: { returns: 'vm2' }, api: 'vm2' } } },
    webpack: { call: {}, members: { DefinePlugin: { construct: {}, api: 'webpack.DefinePlugin' }, EnvironmentPlugin: { construct: {}, api: 'webpack.EnvironmentPlugin' } } },
    dockerode: { construct: { returns: 'docker' }, api: 'docker' },
    tmp: { members: { tmpName: { call: {}, api: 'temp.name' }, tmpNameSync: { call: {}, api: 'temp.name' } } },
    temp: { members: { path: { call: {}, api: 'temp.name' } } },
    tempfile: { call: {}, api: 'temp.name' },
  },
  types: {
    vm2: { members: { run: { call: { sinks: [{ arg: 0, kind: 'code' }] }, api: 'vm2.run' } } },
    docker: { members: { createContainer: { call: {}, api: 'docker.createContainer' }, run: { call: {}, api: 'docker.run' } } },
  },
}
