import { expect, test } from 'vitest'
import { isPasswordName, isSecretName, isUnguessableName, wordsOf } from './words.ts'

test.each([
  ['resetPasswordToken', ['reset', 'password', 'token']],
  ['API_KEY', ['api', 'key']],
  ['userID2', ['user', 'id2']],
  ['x-api-key', ['x', 'api', 'key']],
  ['parseJSONBody', ['parse', 'json', 'body']],
])('%s is made of words', (name, words) => {
  expect(wordsOf(name)).toEqual(words)
})

test.each(['password', 'dbPassword', 'apiKey', 'CLIENT_SECRET', 'accessToken', 'privateKey'])('%s is a secret', (name) => expect(isSecretName(name)).toBe(true))
test.each(['passwordField', 'hasPassword', 'tokenizer', 'secretName', 'passwordHash', 'keyboard', 'token', 'monkey', 'forgotPassword'])('%s is none', (name) => expect(isSecretName(name)).toBe(false))
test.each(['token', 'sessionId', 'csrf', 'salt', 'resetCode', 'codeVerifier'])('%s must not be guessed', (name) => expect(isUnguessableName(name)).toBe(true))
test.each(['id', 'tokenCount', 'delay', 'author', 'sessionTimeout', 'keyframe'])('%s may be guessed', (name) => expect(isUnguessableName(name)).toBe(false))
test.each([['newPassword', true], ['pwd', true], ['passwordHash', false], ['compass', false]])('whether %s is a password: %s', (name, expected) => expect(isPasswordName(name)).toBe(expected))
