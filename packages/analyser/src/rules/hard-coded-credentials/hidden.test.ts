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
