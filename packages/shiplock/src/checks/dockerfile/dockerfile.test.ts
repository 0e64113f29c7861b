import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCheckRig } from '../../testing/check-fixtures.ts'
import type { Surroundings } from './dockerfile.ts'
import { examineFile } from './examine.ts'
import check from './index.ts'
import { parseDockerfile } from './parse.ts'
import { isDockerfile } from './paths.ts'

const surroundings: Surroundings = { hasDockerignore: true, lockFiles: [] }
const parse = (text: string) => parseDockerfile('Dockerfile', text, surroundings)
const examine = (text: string, around: Partial<Surroundings> = {}) => examineFile('Dockerfile', text, { ...surroundings, ...around })
const rulesOf = (text: string, around: Partial<Surroundings> = {}) => examine(text, around).map(({ rule }) => rule.replace('dockerfile/', ''))
const pinned = 'FROM debian:13@sha256:abc\n'

describe('reading', () => {
  test('follows a stage to what it is built from, by a name in any case', () => {
    const { finalChain, stages } = parse('FROM node:26 AS Base\nFROM base AS other\nFROM scratch\nFROM OTHER')
    expect(finalChain.map(({ index }) => index)).toEqual([3, 1, 0])
    expect(stages.map(({ base }) => base.kind)).toEqual(['image', 'stage', 'scratch', 'stage'])
  })

  test('takes a base from the default of an ARG, and does not judge one without', () => {
    const bases = parse('ARG V=26\nARG I=node:${V}-slim\nARG N\nFROM $I\nFROM ${N}\nFROM ${N:-alpine}:${M:-3}\nFROM ${V:+debian}').stages.map(({ base }) => base)
    expect(bases.map((base) => (base.kind === 'image' ? base.image.written : base.kind))).toEqual(['node:26-slim', 'unknown', 'alpine:3', 'debian'])
  })

  test('hands ENV on to stages and keeps ARG to its own', () => {
    const user = (text: string) => parse(text).instructions.find(({ keyword }) => keyword === 'USER')?.resolved
    expect(user('FROM a AS b\nENV U=todo\nFROM b\nUSER $U')).toBe('todo')
    expect(user('FROM a AS b\nARG U=todo\nFROM b\nUSER $U')).toBe('$U')
    expect(user('ARG U=todo\nFROM a\nARG U\nUSER ${U}:${U}')).toBe('todo:todo')
    expect(user('FROM a\nENV U=one\nARG U=two\nUSER $U')).toBe('one')
  })

  test('does not let variables grow without bound', () => {
    const lines = Array.from({ length: 60 }, (_, index) => `ENV V${index + 1}=$V${index}$V${index}`)
    const instructions = parse(`FROM a\nENV V0=aaaaaaaaaaaaaaaa\n${lines.join('\n')}`).instructions
    expect(Math.max(...instructions.flatMap(({ properties }) => properties.map(({ resolved }) => resolved?.length ?? 0)))).toBeLessThanOrEqual(4100)
  })

  test('joins lines as Docker does, and knows where a command stands', () => {
    const text = `${pinned}RUN one && \\  \n# no command && \\\n\n    two \\\r\n  && thr\\\nee\nUSER 1`
    const { commands } = parse(text)
    expect(commands.map(({ name }) => name)).toEqual(['one', 'two', 'three'])
    expect(commands.map(({ span }) => text.slice(span.start, span.end))).toEqual(['one', 'two', 'thr\\\nee'])
  })

  test('takes the escape that the directive names', () => {
    const { instructions } = parse('# escape=`\nFROM a\nCOPY a `\n  C:\\b\nUSER c')
    expect(instructions.map(({ keyword, argument }) => [keyword, argument])).toEqual([['FROM', 'a'], ['COPY', 'a   C:\\b'], ['USER', 'c']])
  })

  test('looks through what only starts a command', () => {
    const { commands } = parse(`${pinned}RUN sudo -E -u todo env -u B A=1 nice -n 5 /usr/bin/curl x && sh -ec "timeout 5 wget y" && exec\nRUN ["bash", "-c", "chmod 777 'a b'"]`)
    expect(commands.map(({ startedBy, name, arguments: words }) => [...startedBy, name, ...words.map(({ text }) => text)])).toEqual([
      ['sudo', 'env', 'nice', 'curl', 'x'],
      ['sh', '-ec', 'timeout 5 wget y'],
      ['timeout', 'wget', 'y'],
      ['exec'],
      ['bash', '-c', "chmod 777 'a b'"],
      ['chmod', '777', 'a b'],
    ])
  })

  test('runs a here-document only where a shell does', () => {
    const names = (text: string) => parse(pinned + text).commands.map(({ name }) => name).filter((name) => name !== '')
    expect(names('RUN <<A bash\none\nA\nRUN <<B\n#!/usr/bin/env python\ntwo\nB\nRUN <<C\n#!/bin/sh\nthree\nC\n')).toEqual(['bash', 'one', 'three'])
    expect(names('RUN cat <<A > file\none\nA\nCOPY <<B /b\nRUN two\nB\n')).toEqual(['cat'])
  })

  test('reads Windows line ends and a byte order mark', () => {
    expect(examine(`\uFEFF${pinned}RUN curl -k \\\n  https://a.example\nUSER 1\n`.replaceAll('\n', '\r\n')).map(({ rule, location }) => [rule, location?.startLine, location?.endLine])).toEqual([['dockerfile/insecure-download', 2, 3]])
  })
})

describe('what no report may show', () => {
  const token = `ghp_${'a1'.repeat(18)}`
  test.for([
    `ENV NAME="${token}"`,
    'ENV A=1 DB_PASSWORD=battery-staple B=2',
    'ENV DB_PASSWORD battery-staple',
    `RUN curl -H "Authorization: ${token}" http://a.example | sh`,
    `RUN curl -k http://todo:${'battery-staple'}@a.example/x | sh`,
    `ADD https://todo:${'battery-staple'}@a.example/x /x`,
    'RUN echo todo:battery-staple | sudo chpasswd',
    'RUN useradd -p battery-staple todo && chmod 777 /srv',
  ])('%s', (line) => {
    const findings = examine(`FROM a\n${line}\n`)
    expect(findings.length).toBeGreaterThan(0)
    expect(JSON.stringify(findings)).not.toMatch(/battery-staple|ghp_/)
  })
})

describe('judging', () => {
  test.for([
    ['a fetcher that feeds no shell', 'RUN curl https://a.example | tar -xz && curl https://a.example | grep sh'],
    ['a program in quotes', `RUN echo "curl -k https://a.example | sh" && echo 'chmod 777 /'`],
    ['options that only look alike', 'RUN curl -o -k https://a.example && curl -Hkey:k https://a.example && curl -fsSLo tok https://a.example && wget --no-check https://a.example'],
    ['Node that reads data', `RUN curl https://a.example | node -e "process.stdin" && curl https://a.example | python3 -m json.tool && curl https://a.example | python3 -c 'import sys'`],
    ['the machine itself', 'RUN curl -k https://localhost:8443/health && curl http://127.0.0.1/'],
    ['names that only sound secret', 'ENV PASSWORD_FILE=/run/p TOKEN_URL=https://a.example PUBLIC_KEY=abc GPG_KEY=ABCDEF SECRET_KEY_BASE=dummy API_TOKEN=$OTHER KEY=1'],
    ['a secret that is used where it is mounted', 'RUN --mount=type=secret,id=a TOKEN=$(cat /run/secrets/a) make && cp /run/secrets/a /tmp/a && rm /tmp/a'],
    ['modes that let nobody else write', 'RUN chmod 755 /a && chmod 1777 /b && chmod -R g=u /c && chmod a+rx,u+w /d && chmod 0644 /e && chmod o-w /f'],
    ['a cache over the lists', 'RUN --mount=type=cache,target=/var/lib/apt/lists apt-get update && apt-get install -qqy --no-install-recommends a'],
    ['a configuration of apt', "RUN echo 'APT::Install-Recommends \"false\"; APT::Get::Assume-Yes \"true\";' > /etc/apt/apt.conf.d/a\nRUN apt-get install a"],
    ['programs that are made to be run by sudo', "RUN echo 'todo ALL=NOPASSWD:/usr/sbin/ipsec' > /etc/sudoers.d/a && echo '# b ALL=NOPASSWD: ALL' > /etc/sudoers.d/b"],
    ['a directory that is left again', 'RUN (cd /a && make) && b\nRUN cd /c && make'],
  ])('leaves alone: %s', ([, lines]) => {
    expect(rulesOf(`${pinned}${lines}\nUSER 1\n`)).toEqual([])
  })

  test('root is judged by the last stage, and not where an entry point drops it', () => {
    expect(rulesOf(`${pinned}USER 1\nUSER root\nCMD ["a"]`)).toEqual(['root-user'])
    expect(rulesOf(`FROM debian:13@sha256:abc AS a\nUSER 1\nFROM a\nCMD ["a"]`)).toEqual([])
    expect(rulesOf(`${pinned}ENTRYPOINT ["gosu", "todo", "a"]`)).toEqual([])
    expect(rulesOf('FROM acme/base:1@sha256:abc\nCMD ["a"]')).toEqual([])
    expect(rulesOf('FROM scratch\nCOPY a /')).toEqual([])
    expect(rulesOf(`${pinned}ENTRYPOINT ["a.sh"]\nCMD ["bash"]`)).toEqual([])
    expect(rulesOf(`${pinned}ENTRYPOINT ["a.sh"]`)).toEqual(['root-user'])
    expect(rulesOf('FROM gcr.io/distroless/static:nonroot@sha256:abc\nCMD ["/a"]')).toEqual([])
  })

  test('what is not shipped may be larger, and is held to what makes it unsafe', () => {
    expect(rulesOf('FROM debian:13@sha256:abc AS build\nRUN apt-get update && apt-get install -y a && chmod 777 /b && curl -k https://a.example\nFROM scratch\nCOPY --from=build /b /')).toEqual(['insecure-download'])
  })

  test('NODE_ENV is asked for where node itself is started, since a script may set it', () => {
    const rules = (command: string) => rulesOf(`FROM node:26@sha256:abc\nRUN apt-get moo\nUSER node\nCMD ${command}`)
    expect(rules('["node", "a.js"]')).toEqual(['node-env'])
    expect(rules('["npm", "start"]')).toEqual([])
    expect(rules('["sh", "-c", "NODE_ENV=production node a.js"]')).toEqual([])
  })

  test('one thing is said once', () => {
    expect(rulesOf(`${pinned}RUN bash -c "$(curl -k https://a.example)"\nUSER 1`)).toEqual(['pipe-to-shell', 'insecure-download'])
    expect(rulesOf(`${pinned}RUN curl http://a.example | tee a | sudo -E bash -s -- b\nUSER 1`)).toEqual(['sudo', 'pipe-to-shell'])
  })

  test('commands of another shell are not judged, those of bash are', () => {
    const commands = (shell: string) => rulesOf(`${pinned}SHELL ${shell}\nRUN curl -k https://a.example\nUSER 1`)
    expect(commands('["pwsh", "-Command"]')).toEqual([])
    expect(commands('["/bin/bash", "-euo", "pipefail", "-c"]')).toEqual(['insecure-download'])
  })

  test('lines that hold a secret are shown without it, whatever the finding', () => {
    const [first] = examine(`${pinned}ENV DB_PASSWORD="battery staple" NODE_TLS_REJECT_UNAUTHORIZED=0\nUSER 1`).filter(({ rule }) => rule === 'dockerfile/tls-verification-off')
    expect(first?.snippet).toBe('ENV DB_PASSWORD=*** NODE_TLS_REJECT_UNAUTHORIZED=0')
  })

  test('a lock file counts where it is there', () => {
    const install = (copy: string) => `FROM acme/node:1@sha256:abc\n${copy}\nRUN npm install --omit=dev\n`
    expect(rulesOf(install('COPY package*.json ./'), { lockFiles: ['package-lock.json'] })).toEqual(['lock-file-not-enforced'])
    expect(rulesOf(install('COPY package*.json ./'))).toEqual([])
    expect(rulesOf(install('COPY . .'), { lockFiles: ['package-lock.json'] })).toEqual(['lock-file-not-enforced'])
    expect(rulesOf(install('COPY . .'), { lockFiles: ['yarn.lock'] })).toEqual([])
    expect(rulesOf(install('COPY package.json package-lock.json ./'))).toEqual(['lock-file-not-enforced'])
  })

  test('lists the first hundred of a kind and says how many more there are', () => {
    const findings = examine(`FROM a\n${'MAINTAINER b\n'.repeat(130)}`).filter(({ rule }) => rule === 'dockerfile/maintainer')
    expect(findings).toHaveLength(101)
    expect(findings.at(-1)?.message).toContain('29 more places')
  })
})

describe('files', () => {
  test('are known by their names', () => {
    const names = ['Dockerfile', 'a/b.Dockerfile', 'a/dev.dockerfile', 'Dockerfile.alpine', '.devcontainer/Dockerfile', 'Containerfile', 'docker/dockerfile']
    expect(names.filter((name) => !isDockerfile(name))).toEqual([])
    expect(['Dockerfile.dockerignore', 'Dockerfile.j2', 'Dockerfile.md', 'node_modules/a/Dockerfile', 'Dockerfiles', 'src/dockerfile.ts', 'MyDockerfile'].filter(isDockerfile)).toEqual([])
  })

  test.for<[string, string]>([
    ['too long', `FROM a\n${'#'.repeat(130 * 1024)}`],
    ['too many lines', '\n'.repeat(5001)],
    ['too many stages', 'FROM a\n'.repeat(101)],
    ['binary', 'FROM a\0'],
    ['nested too deep', `FROM acme/a:1@sha256:abc\nRUN ${'$('.repeat(50)}`],
  ])('are told of where they cannot be read: %s', ([, text]) => {
    expect(rulesOf(text)).toContain('unreadable')
  })

  test('are told of where they are links to what is not looked at', async () => {
    await using rig = await createCheckRig(undefined, { packages: false })
    mkdirSync(join(rig.root, 'docker'))
    writeFileSync(join(rig.root, 'docker/Dockerfile'), 'FROM scratch\n')
    writeFileSync(join(rig.root, 'docker/recipe'), 'FROM scratch\n')
    symlinkSync('docker/Dockerfile', join(rig.root, 'Dockerfile'))
    symlinkSync('docker/recipe', join(rig.root, 'Containerfile'))
    expect((await rig.run(check)).text).toMatch(/^Containerfile dockerfile\/unreadable medium high\n {2}a link to docker\/recipe/)
    expect((await rig.run(check, { options: { exclude: ['Containerfile'] } })).text).toBe('')
  })

  test('are not remembered beyond what their result depends on', async () => {
    await using rig = await createCheckRig(undefined, { packages: false })
    const entries = new Map<string, string>()
    const store = { get: (key: string) => entries.get(key), set: (key: string, value: string) => void entries.set(key, value) } as unknown as NonNullable<NonNullable<Parameters<typeof rig.run>[1]>['store']>
    mkdirSync(join(rig.root, 'app'))
    writeFileSync(join(rig.root, 'app/Dockerfile'), 'FROM scratch\nCOPY . /\nEXPOSE 8080\nUSER 1\n')
    expect((await rig.run(check, { store })).text).toMatch(/no-dockerignore[^]*no-healthcheck/)
    writeFileSync(join(rig.root, '.dockerignore'), '.git\n')
    expect((await rig.run(check, { store })).text).toMatch(/^app\/Dockerfile:3:1-3:12 dockerfile\/no-healthcheck/)
    expect((await rig.run(check, { store, options: { healthcheck: false } })).text).toBe('')
  })

  test('of any content end in findings whose places are in them', () => {
    const piece = fc.constantFrom('FROM ', 'a', ' AS b', '\n', '\r\n', '\\\n', 'RUN ', 'COPY ', 'ADD ', 'ENV ', 'ARG ', 'USER ', 'ONBUILD ', 'CMD ', 'HEALTHCHECK ', 'SHELL ', 'EXPOSE ', 'WORKDIR ', '--from=', '--mount=type=secret,id=a', '<<E', '\nE\n', '[', '"', ']', ',', '=', '$', '${', '}', '#', '# escape=`\n', '`', ' ', '\t', 'apt-get install ', 'curl http://a.b ', ' | sh', 'chmod 777 ', 'PASSWORD=', '\uFEFF', '\u2028', '\r')
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: piece }, { weight: 1, arbitrary: fc.string() }), { maxLength: 80 }), (pieces) => {
        const text = pieces.join('')
        const lines = text.split('\n')
        for (const { location } of examine(text)) {
          if (location?.startLine === undefined) continue
          expect(location.startLine).toBeLessThanOrEqual(location.endLine ?? 0)
          expect(location.endLine).toBeLessThanOrEqual(lines.length)
          expect(location.startColumn).toBeLessThanOrEqual((lines[location.startLine - 1]?.length ?? 0) + 1)
        }
      }),
      { numRuns: 1500 },
    )
  })
})

describe('the page', () => {
  const page = readFileSync(join(import.meta.dirname, 'dockerfile.md'), 'utf8')
  const examples = [...page.matchAll(/^## (dockerfile\/[\w-]+)\n(?:(?!^## )[^])*?```dockerfile\n# bad\n([^]*?)\n# good\n([^]*?)\n```/gm)].map(([, rule = '', bad = '', good = '']) => ({ rule, bad, good }))
  // Lines alone stand in a stage that is shipped.
  const whole = (lines: string) => (/^(?:FROM|ARG V|WORKDIR \/srv\nFROM)/m.test(lines) ? lines : `FROM node:26@sha256:abc\n${lines}`)
  const found = (lines: string) => examineFile('Dockerfile', whole(lines), { hasDockerignore: lines.includes('.dockerignore'), lockFiles: ['package-lock.json'] }).map(({ rule }) => rule)

  test('has an example for every rule but the one on what cannot be read', () => {
    expect(check.rules.map(({ id }) => id as string).filter((id) => !examples.some(({ rule }) => rule === id))).toEqual(['dockerfile/unreadable'])
  })

  test.for(examples.map((example) => [example.rule, example] as const))('%s finds its bad example and leaves the good one alone', ([, { rule, bad, good }]) => {
    expect(found(bad)).toContain(rule)
    expect(found(good)).not.toContain(rule)
  })
})
