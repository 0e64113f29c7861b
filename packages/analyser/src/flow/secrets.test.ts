import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'
import { isSecretName } from './secrets.ts'

const found = (text: string): string[] => {
  const texts = new Map([['a.js', text]])
  return findingsOf(analyse(texts, new Map()), texts).flatMap(({ rule, location }) => (/secret|stack/.test(rule) ? `${rule.replace('sast/', '')}@${location!.startLine}` : []))
}
const handler = (body: string) => `require('express')().post('/', (req, res) => {\n${body}\n})\n`

test.each(['password', 'userPassword', 'DB_PASSWORD', 'db_pwd', 'apiKey', 'client_secret', 'accessToken', 'privateKey', 'authorization', 'GITHUB_TOKEN'])('%s is the name of a secret', (name) => {
  expect(isSecretName(name)).toBe(true)
})

test.each(['PWD', 'passwordHash', 'passwordLength', 'token', 'nextToken', 'forgotPasswordLink', 'secretName', 'key', 'apiKeyId', 'hasPasswords', 'tokenizer'])('%s is not', (name) => {
  expect(isSecretName(name)).toBe(false)
})

test.each([
  ['a field', `console.log(req.body.password)`],
  ['a field of a literal', `console.log('x', { password: req.body.password })`],
  ['text that it is part of', 'const { password } = req.body; console.error(`bad: ${password}`)'],
  ['an environment variable', `console.log('key is ' + process.env.API_KEY)`],
  ['a logger of its own', `const log = require('./log'); log.debug(req.headers.authorization)`],
  ['all of the environment', `console.log(process.env)`],
])('%s is told where it is logged', (_, body) => {
  expect(found(handler(body))).toEqual(['secret-exposure@2'])
})

test.each([
  ['its length', `console.log(req.body.password.length)`],
  ['whether it is there', `console.log(!!req.body.password, typeof req.body.password)`],
  ['its hash', `console.log(hash(req.body.password)); function hash(text) { return text + 'x' }`],
  ['its beginning', `console.log(req.body.password.slice(0, 2))`],
  ['what hides it', `console.log(req.body.password.replace(/./g, '*'))`],
  ['a name that only says password', `console.log(req.body.passwordHint)`],
  ['one variable of the environment', `console.log(process.env.HOME)`],
])('nothing is said of %s', (_, body) => {
  expect(found(handler(body))).toEqual([])
})

test.each([
  ['sent', `try { run() } catch (e) { res.send(e.stack) }`, 1],
  ['sent in a field', `try { run() } catch (e) { res.json({ stack: e.stack }) }`, 1],
  ['logged', `try { run() } catch (e) { console.log(e.stack) }`, 0],
  ['sent in development', `try { run() } catch (e) { res.json({ stack: process.env.NODE_ENV === 'production' ? '' : e.stack }) }`, 0],
])('a stack that is %s', (_, body, count) => {
  expect(found(handler(body))).toHaveLength(count)
})
