import { expect, test } from 'vitest'
import { analyse } from '../../analyse.ts'
import { findingsOf } from '../../findings.ts'

test('a credential that is found is not shown', () => {
  const texts = new Map([['a.js', `const jwt = require('jsonwebtoken')\nconst key = 'kept by nobody'; exports.sign = (claims) => jwt.sign(claims, key)\nnew (require('pg').Pool)({ host: 'db.example.test', user: 'shop', password: 'k3pt-by-nobody' })\n`]])
  const found = findingsOf(analyse(texts, texts), texts).filter(({ rule }) => rule === 'sast/hard-coded-credentials')
  expect(found.length).toBe(2)
  expect(JSON.stringify(found)).not.toMatch(/kept by nobody|k3pt/)
  expect(found[0]!.snippet).toBe('const key = ***; exports.sign = (claims) => jwt.sign(claims, key)')
})

test('what another rule says of the same line, or of the way that leads over it, does not show it', () => {
  const text = `const cp = require('child_process')
const key = 'kept by nobody'; require('express')().get('/', (req, res) => { cp.exec('curl -H ' + key + ' -u kept by nobody ' + req.query.at) }); exports.sign = (claims) => require('jsonwebtoken').sign(claims, key)
exports.again = (at) => cp.exec(at + 'kept by nobody')
`
  const texts = new Map([['a.js', text]])
  const found = findingsOf(analyse(texts, texts), texts)
  expect(new Set(found.map(({ rule }) => rule))).toEqual(new Set(['sast/command-injection', 'sast/hard-coded-credentials']))
  expect(found.filter(({ flow }) => flow).length).toBe(2)
  expect(JSON.stringify(found)).not.toContain('kept by nobody')
  // Columns are those of the file as it is.
  expect(found.find(({ location }) => location!.startLine === 2 && location!.startColumn! > 70)).toBeDefined()
})
