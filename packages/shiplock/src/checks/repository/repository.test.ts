import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCheckRig } from '../../testing/check-fixtures.ts'
import repository from './index.ts'
import { leavesOut } from './ignore-file.ts'
import { covers } from './owners.ts'

type Files = Readonly<Record<string, string>>

async function examine(files: Files, { links = {}, options }: { readonly links?: Files; readonly options?: unknown } = {}) {
  await using rig = await createCheckRig(undefined, { packages: false })
  for (const [path, text] of Object.entries({ 'SECURITY.md': 'x\n', ...files })) {
    mkdirSync(dirname(join(rig.root, path)), { recursive: true })
    writeFileSync(join(rig.root, path), text)
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(rig.root, path)), { recursive: true })
    symlinkSync(target, join(rig.root, path))
  }
  const { outcome, text } = await rig.run(repository, { options })
  if (outcome.kind !== 'completed') throw new Error(text)
  return outcome.findings
}
const placesOf = async (files: Files, more?: Parameters<typeof examine>[1]) => (await examine(files, more)).map(({ rule, location }) => `${location?.path ?? ''}${location?.startLine === undefined ? '' : `:${location.startLine}`} ${rule.slice('repository/'.length)}`)

describe('names of files', () => {
  test('of environments and keys count in any folder, and not those that are made to be committed', async () => {
    expect(await placesOf({ '.env': '', 'a/.env.production': '', 'a/.env.example': '', '.env.test': '', 'b/id_rsa': '', 'b/id_rsa.pub': '', 'c.p12': '', 'd/terraform.tfstate': '', 'environment.env.md': '' })).toEqual(['.env env-file', 'a/.env.production env-file', 'b/id_rsa key-file', 'c.p12 key-file', 'd/terraform.tfstate key-file'])
  })

  test('within samples say nothing', async () => {
    expect(await placesOf({ 'tests/.env': '', 'src/fixtures/id_rsa': '', 'examples/a/.env': '' })).toEqual([])
  })

  test('that are left out say nothing', async () => {
    expect(await placesOf({ 'old/.env': '' }, { options: { exclude: ['old/**'] } })).toEqual([])
  })

  test('with quotes, blanks and letters of any script are told as they are', async () => {
    const path = `a "b' ключ 𝒑/.env`
    expect(await placesOf({ [path]: '' })).toEqual([`${path} env-file`])
  })
})

test.for([
  ['../outside', true], ['/etc/passwd', true], ['a/../../outside', true], ['..', true], ['a/b', false], ['a/../b', false], ['./..a', false], ['nowhere', false],
] as const)('a link to %s leads out: %s', async ([target, isOut]) => {
  expect(await placesOf({}, { links: { link: target } })).toEqual(isOut ? ['link link-leads-out'] : [])
})

test('one CODEOWNERS is one finding, and one that is there wants a line', async () => {
  const files = { '.github/workflows/ci.yml': 'on: push\n', 'infra/main.tf': '' }
  expect((await examine(files)).map(({ message, fix }) => [message, fix])).toEqual([['there is no CODEOWNERS, so nobody has to look at workflows and Terraform', expect.stringContaining('Add `.github/CODEOWNERS` with a line')]])
  expect((await examine({ ...files, CODEOWNERS: '/docs/ @a\n' })).map(({ fix }) => fix)).toEqual(['Add a line to `CODEOWNERS` for `/.github/` and one for the folders with Terraform.'])
  expect((await examine({ ...files, CODEOWNERS: '/.github/ @a\n' })).map(({ fix }) => fix)).toEqual(['Add a line to `CODEOWNERS` for the folders with Terraform.'])
})

test('where there is no .dockerignore at all, the check of Dockerfiles says so', async () => {
  expect(await placesOf({ Dockerfile: 'FROM node:26\nCOPY . .\n' })).toEqual([])
})

test('a link from a folder is followed from there', async () => {
  expect(await placesOf({}, { links: { 'a/b/link': '../../c', 'a/b/other': '../../../c' } })).toEqual(['a/b/other link-leads-out'])
})

test('what is committed where no check looks is told, once for each folder, and what is only installed is not', async () => {
  const unseen = async (options?: unknown) => {
    await using rig = await createCheckRig(undefined, { packages: false })
    const git = (...args: string[]) => execFileSync('git', args, { cwd: rig.root, stdio: 'pipe', env: { PATH: process.env['PATH'], HOME: rig.root, GIT_CONFIG_NOSYSTEM: '1' } })
    const write = (path: string) => {
      mkdirSync(dirname(join(rig.root, path)), { recursive: true })
      writeFileSync(join(rig.root, path), 'x\n')
    }
    git('init', '--quiet')
    for (const path of ['SECURITY.md', 'node_modules/a/index.js', 'node_modules/b/node_modules/c/index.js', 'app/node_modules/d.js', '.shiplock/run.json', 'app/main.js']) write(path)
    git('add', '--all', '--force')
    for (const path of ['node_modules/new.js', 'installed/node_modules/e.js']) write(path)
    git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},libs/ui`)
    mkdirSync(join(rig.root, 'libs/ui'), { recursive: true })
    const { outcome, text } = await rig.run(repository, { options })
    if (outcome.kind !== 'completed') throw new Error(text)
    return outcome.findings.filter(({ rule }) => rule === 'repository/unseen-files').map(({ message, severity }) => `${severity} ${message}`)
  }
  expect(await unseen()).toEqual([
    'low libs/ui is another repository, and no check looks into it',
    'medium .shiplock is in the repository (1 file), and no check looks into it',
    'medium app/node_modules is in the repository (1 file), and no check looks into it',
    'medium node_modules is in the repository (2 files), and no check looks into it',
  ])
  expect(await unseen({ exclude: ['**/node_modules/**', 'libs/*'] })).toEqual(['medium .shiplock is in the repository (1 file), and no check looks into it'])
})

describe('package.json', () => {
  const service = { private: true, engines: { node: '>=24' }, dependencies: { a: '1' } }
  const ignored = { '.gitignore': 'node_modules\n.env\n' }
  test.for([['{', 'unparsable'], ['[]', 'unparsable'], ['null', 'unparsable'], ['', 'unparsable'], ['[['.repeat(50_000), 'unparsable']] as const)('%s is no object', async ([text, rule]) => {
    expect((await placesOf({ 'package.json': text })).map((place) => place.split(' ')[1])).toContain(rule)
  })

  test('may begin with a byte order mark', async () => {
    expect(await placesOf({ 'package.json': `\uFEFF${JSON.stringify(service)}`, 'package-lock.json': '{}', ...ignored })).toEqual([])
  })

  test('without a lock file is for the check of dependencies to tell', async () => {
    expect(await placesOf({ 'package.json': JSON.stringify(service), ...ignored })).toEqual([])
  })

  test('wants one manager, which may have more than one kind of lock file', async () => {
    expect(await placesOf({ 'package.json': JSON.stringify(service), 'package-lock.json': '', 'yarn.lock': '', ...ignored })).toEqual(['yarn.lock several-lock-files'])
    expect(await placesOf({ 'package.json': JSON.stringify(service), 'bun.lock': '', 'bun.lockb': '', ...ignored })).toEqual([])
  })

  test('wants a licence only where it can be published', async () => {
    const library = { name: 'a', version: '1.0.0', main: 'a.js' }
    expect(await placesOf({ 'a/package.json': JSON.stringify(library) })).toEqual(['a/package.json license-missing'])
    expect(await placesOf({ 'a/package.json': JSON.stringify({ ...library, private: true }) })).toEqual([])
    expect(await placesOf({ 'a/package.json': JSON.stringify(library), LICENCE: '' })).toEqual([])
    expect(await placesOf({ 'a/package.json': JSON.stringify(library), 'b/LICENSE': '' })).toEqual(['a/package.json license-missing'])
  })

  test('in a sample or below node_modules is not read', async () => {
    expect(await placesOf({ 'examples/package.json': '{', 'a/node_modules/b/package.json': '{' })).toEqual([])
  })
})

describe('what is left out', () => {
  test.for([
    ['.env\n', true], ['/.env\r\n', true], ['**/.env/\n', true], ['.env\n!.env\n', false], ['!.env\n.env\n', true], ['# .env\n', false], ['.environment\n', false], ['\uFEFF.env', true], ['  .env  ', true],
  ] as const)('by %j: %s', ([text, isOut]) => {
    expect(leavesOut(text, /^(?:\*\*\/)?\.env$/)).toBe(isOut)
  })

  const dockerfile = 'FROM node:26\nCOPY . .\n'
  test('of an image is told by what is missing, and what is taken in again is missing', async () => {
    const gap = async (text: string) => (await examine({ Dockerfile: dockerfile, '.dockerignore': text })).map(({ message }) => message)
    expect(await gap('.git\n.env*\nnode_modules\n')).toEqual([])
    expect(await gap('*\n!src\n')).toEqual([])
    expect(await gap('.git\nnode_modules\n')).toEqual(['copies its whole context, and .dockerignore leaves .env in it'])
    expect(await gap('.git\n.env\n!.env\nnode_modules\n')).toEqual(['copies its whole context, and .dockerignore leaves .env in it'])
    expect(await gap('*\n!.git\n')).toEqual(['copies its whole context, and .dockerignore leaves .git in it'])
  })

  test.for([
    ['copy . .', true], ['  ADD ./ /a', true], ['COPY --chown=a --link . /a', true], ['COPY ["." , "/a"]', true], ['COPY --from=build . .', false], ['COPY ./src .', false], ['# COPY . .', false], ['RUN echo COPY . .', false],
  ] as const)('%s copies everything: %s', async ([line, isAll]) => {
    expect(await placesOf({ '.dockerignore': 'dist\n', 'Dockerfile.prod': `FROM node:26\n${line}\n` })).toEqual(isAll ? ['Dockerfile.prod:2 dockerignore-gap'] : [])
  })

  test('a Dockerfile of nothing but empty lines costs no more than a moment', { timeout: 5000 }, async () => {
    expect(await placesOf({ Dockerfile: '\n'.repeat(1_000_000), 'a.Dockerfile': ' '.repeat(1_000_000), 'b.Dockerfile': 'COPY --a '.repeat(100_000) })).toEqual([])
  })
})

describe('owners', () => {
  const workflow = '.github/workflows/ci.yml'
  test.for([
    ['*', workflow, true], ['/.github/', workflow, true], ['.github/workflows', workflow, true], ['.github/workflows/*', workflow, true], ['*.yml', workflow, true], ['workflows/', workflow, true], ['**/workflows/**', workflow, true], ['/.github/**/ci.yml', workflow, true],
    ['/workflows/', workflow, false], ['.github/*', workflow, false], ['*.yaml', workflow, false], ['ci', workflow, false], ['.github/workflows/c?.yml', workflow, true], ['{.github,x}/', workflow, false], ['docs/**', workflow, false], ['/', workflow, false],
  ] as const)('%s covers %s: %s', ([pattern, path, expected]) => {
    expect(covers(pattern, path)).toBe(expected)
  })

  const named = async (text: string) => (await placesOf({ [workflow]: 'on: push\n', CODEOWNERS: text })).length === 0
  test('are those of the last line that covers a file', async () => {
    expect(await named('* @team\n')).toBe(true)
    expect(await named('* @team\n/.github/workflows/\n')).toBe(false)
    expect(await named('/.github/workflows/\n* @team\n')).toBe(true)
    expect(await named('* # @team\n')).toBe(false)
    expect(await named('\uFEFF* @team\r\n')).toBe(true)
  })

  test('are read from the first place where there is such a file', async () => {
    expect(await placesOf({ [workflow]: 'on: push\n', '.github/CODEOWNERS': 'docs @a\n', CODEOWNERS: '* @a\n' })).toEqual(['.github/CODEOWNERS codeowners-missing'])
  })

  test('are looked for in patterns that were made to take for ever', { timeout: 5000 }, () => {
    const path = `.github/workflows/${'a'.repeat(240)}.yml`
    for (const pattern of [`${'*a'.repeat(60)}b`, `${'**/'.repeat(2000)}b`, '{1..99999999}', `${'{a,b}'.repeat(40)}`, `${'*?'.repeat(100)}b`]) expect(covers(pattern, path)).toBe(false)
  })

  test('by any pattern: a name is covered by itself, by its folders and by stars in its place', () => {
    const segment = fc.stringMatching(/^[a-z.]{1,5}$/).filter((text) => text !== '.' && text !== '..')
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(), (segments, at, cut) => {
        const path = segments.join('/')
        const some = segments[at % segments.length]!
        expect(covers(`/${path}`, path)).toBe(true)
        expect(covers(`/${segments.slice(0, 1 + (cut % segments.length)).join('/')}/`, path)).toBe(true)
        expect(covers(some, path)).toBe(true)
        expect(covers(`${some.slice(0, cut % (some.length + 1))}*`, path)).toBe(true)
        expect(covers(`/${path}x`, path)).toBe(false)
      }),
    )
  })
})

describe('certificates', () => {
  test.for([
    ['.npmrc', 'strict-ssl=false', true], ['a/.npmrc', 'strict-ssl = "false"', true], ['.yarnrc.yml', 'enableStrictSsl: false', true], ['.npmrc', '# strict-ssl=false', false], ['.npmrc', 'strict-ssl=true', false],
  ] as const)('%s with %s are not verified: %s', async ([path, line, isOff]) => {
    expect(await placesOf({ [path]: `a=b\r\n${line}\r\n` })).toEqual(isOff ? [`${path}:2 npmrc-skips-tls`] : [])
  })

  test.for([
    ['NODE_TLS_REJECT_UNAUTHORIZED=0 node a.js', true], ["cross-env NODE_TLS_REJECT_UNAUTHORIZED='0' node a.js", true], ['npm config set strict-ssl false', true], ['NODE_TLS_REJECT_UNAUTHORIZED=1 node a.js', false],
  ] as const)('a script of %s does not verify them: %s', async ([command, isOff]) => {
    expect(await placesOf({ 'a/package.json': JSON.stringify({ private: true, scripts: { start: command } }) })).toEqual(isOff ? ['a/package.json hook-skips-tls'] : [])
  })

  test('a hook that speaks of it in a comment verifies them', async () => {
    expect(await placesOf({ '.husky/pre-push': '# GIT_SSL_NO_VERIFY=1\ngit push\n', '.husky/other': 'GIT_SSL_NO_VERIFY=1 git push\n' })).toEqual(['.husky/other:1 hook-skips-tls'])
  })
})

test('whatever is in its files, there is an answer', { timeout: 20_000 }, async () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.json({ maxDepth: 3 }))
  await fc.assert(
    fc.asyncProperty(text, text, text, text, async (manifest, owners, ignored, dockerfile) => {
      for (const { location } of await examine({ 'package.json': manifest, CODEOWNERS: owners, '.gitignore': ignored, '.dockerignore': ignored, Dockerfile: dockerfile, '.npmrc': owners, [`.github/workflows/a.yml`]: 'on: push\n' })) expect(location?.startLine ?? 1).toBeGreaterThan(0)
    }),
    { numRuns: 25 },
  )
})
