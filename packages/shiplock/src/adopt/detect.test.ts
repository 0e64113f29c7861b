import { expect, test } from 'vitest'
import { treeOf } from './detect.test-data.ts'
import { detect } from './detect.ts'

const express = { name: 'shop', scripts: { start: 'node src/server.js', test: 'jest' }, dependencies: { express: '^4' }, devDependencies: { jest: '1', eslint: '1' } }

test('of one service it tells framework, package manager, tests and linters by what its manifest asks for', () => {
  const found = detect(treeOf({ 'package.json': express, 'yarn.lock': '', 'src/server.js': '', Dockerfile: 'FROM node', 'infra/main.tf': '' }))
  expect(found).toMatchObject({ packageManager: { name: 'yarn', evidence: 'yarn.lock' }, testRunners: ['Jest'], linters: ['ESLint'], dockerfiles: ['Dockerfile'], terraform: ['infra'], languages: [{ title: 'JavaScript', files: 1 }], problems: [] })
  expect(found.services.map(({ directory, framework }) => [directory, framework?.title])).toEqual([['.', 'Express']])
})

test('workspaces are those that npm, yarn and pnpm name, less those that an exclamation mark takes out', () => {
  const packages = { 'apps/api/package.json': express, 'apps/web/package.json': { dependencies: { next: '15' } }, 'packages/ui/package.json': { dependencies: { react: '19' } }, 'apps/old/package.json': express, 'elsewhere/package.json': express }
  for (const workspaces of [{ 'package.json': { workspaces: ['apps/*', './packages/*', '!apps/old'] } }, { 'package.json': { workspaces: { packages: ['apps/*', 'packages/*', '!apps/old'] } } }, { 'package.json': {}, 'pnpm-workspace.yaml': "packages:\n  - 'apps/*'\n  - packages/*\n  - '!apps/old'\n" }]) {
    const found = detect(treeOf({ ...packages, ...workspaces }))
    expect(found.workspaces).toEqual(['apps/api', 'apps/web', 'packages/ui'])
    expect(found.services.map(({ directory }) => directory)).toEqual(['apps/api', 'apps/web'])
  }
})

test('what answers requests and has a Dockerfile is likelier to be shipped than what only starts; a library is no service', () => {
  const found = detect(treeOf({ 'tool/package.json': { scripts: { start: 'node x.js' } }, 'api/package.json': { dependencies: { fastify: '5' } }, 'api/Dockerfile': '', 'lib/package.json': { main: 'index.js', dependencies: { lodash: '4' } } }))
  expect(found.services.map(({ directory }) => directory)).toEqual(['api', 'tool'])
})

test('packages of tests, examples and fixtures are nobody’s service', () => {
  expect(detect(treeOf({ 'package.json': { name: 'lib' }, 'examples/api/package.json': express, 'test/fixtures/a/package.json': express })).services).toEqual([])
})

test('scanners are told by their files and by what workflows and scripts run', () => {
  const found = detect(treeOf({ 'package.json': { scripts: { audit: 'npm audit --omit=dev' } }, '.github/workflows/ci.yml': 'steps:\n- uses: aquasecurity/trivy-action@master\n- run: bandit -r .', '.gitleaksignore': '' }))
  expect(found.scanners.map(({ title, evidence }) => [title, evidence])).toEqual([['Trivy', '.github/workflows/ci.yml'], ['gitleaks', '.gitleaksignore'], ['Bandit', '.github/workflows/ci.yml'], ['npm audit', 'package.json']])
})

test('a manifest that is none is told, and the rest is found all the same', () => {
  const found = detect(treeOf({ 'package.json': '{ "name": ', 'api/package.json': express, 'web/package.json': '[]', 'pnpm-workspace.yaml': 'packages: [\n' }))
  expect(found.services.map(({ directory }) => directory)).toEqual(['api'])
  expect(found.problems).toEqual([expect.stringMatching(/^package\.json cannot be read: /), expect.stringMatching(/^pnpm-workspace\.yaml cannot be read: /), 'web/package.json holds no object'])
})

test('globs of workspaces that could take for ever do not', () => {
  const folder = `${'a'.repeat(200)}b`
  expect(detect(treeOf({ 'package.json': { workspaces: [`${'*a'.repeat(60)}c`, '{a,b}'.repeat(30), 'x'.repeat(500)] }, [`${folder}/package.json`]: express })).workspaces).toEqual([])
})
