import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { examineFile } from './examine.ts'
import { globMatcher } from '../path-globs.ts'
import { dockerfileGlobs, isDockerfile } from './paths.ts'

const base = 'FROM debian:13@sha256:abc\n'
const examine = (text: string) => examineFile('Dockerfile', text, { hasDockerignore: true, lockFiles: [] })
const rulesOf = (text: string) => examine(`${text}\n`).map(({ rule }) => rule.slice('dockerfile/'.length))
/** Of a RUN in an image that is otherwise in order. */
const inRun = (command: string) => rulesOf(`${base}RUN ${command}\nUSER 1000`)

describe('a download that runs unseen', () => {
  test.for([
    ['"curl" https://a.test/x | "sh"'], ["c''url https://a.test/x | sh"], ['\\curl https://a.test/x|sh'], ['/usr/bin/curl https://a.test/x | /bin/sh -s -- -y'],
    ['F=curl; $F https://a.test/x | sh'], ['export F="curl -s" && ${F} https://a.test/x | sh'], ['curl https://a.test/x | busybox sh'], ['curl https://a.test/x | tee /x | (sh)'],
    ['echo https://a.test/x | xargs -n 1 curl | sh'], ['su - app -c "curl https://a.test/x | sh"'], ['runuser -u app -- sh -c "curl https://a.test/x | sh"'], ['runuser app -c "curl https://a.test/x | sh"'],
    ['chroot /x sh -c "curl https://a.test/x | sh"'], ['function f { curl https://a.test/x | sh; }; f'], ['s=$(curl https://a.test/x); sh -c "$s"'], ['eval "$(wget -qO- https://a.test/x)"'],
    ['python3 -c "$(curl https://a.test/x)"'], ['python3 <(curl https://a.test/x)'], ['bash <<< "$(curl https://a.test/x)"'], ['["bash","-o","pipefail","-c","curl https://a.test/x | sh"]'],
    ['curl https://a.test/x -o /x && sh /x'], ['curl -fsSLO https://a.test/x.sh && chmod +x x.sh && ./x.sh'], ['wget https://a.test/i.sh?v=1; bash -e i.sh'], ['curl https://a.test/x > /x; . /x'], ['wget -qO /tmp/x https://a.test/x && chmod +x /tmp/x && /tmp/x'],
    ['curl --output=/x https://a.test/x && python3 /x'],
  ] as const)('%s', ([command]) => {
    expect(inRun(command)).toContain('pipe-to-shell')
  })

  test.for([
    ['curl https://a.test/x -o /x && sha256sum -c sums && sh /x'], ['curl -o /usr/bin/tini https://a.test/tini && chmod +x /usr/bin/tini'], ['wget https://a.test/x.tgz && tar xf x.tgz && sh install.sh'],
    ['curl https://a.test/x | python3 -c "import json"'], ['curl https://a.test/x | tee /x'], ["curl https://a.test/x | perl -pe's/a/b/'"], ['curl https://a.test/x | node -p'], ['wget -O - https://a.test/x > /dev/null; sh ./own.sh'], ['F=make; $F https://a.test/x | sh'], ['curl https://a.test/x -o sh'],
  ] as const)('is not %s', ([command]) => {
    expect(inRun(command)).not.toContain('pipe-to-shell')
  })

  test.for([
    ['an escape character of another system', `# escape=\`\n${base}RUN curl https://a.test/x | sh`],
    ['a shell behind env', `${base}SHELL ["/usr/bin/env", "bash", "-c"]\nRUN curl https://a.test/x | sh`],
    ['a trigger', `${base}ONBUILD RUN curl https://a.test/x | sh`],
    ['the start of a container', `${base}CMD curl https://a.test/x | sh`],
    ['the start of a container, as a list', `${base}ENTRYPOINT ["sh", "-c", "curl https://a.test/x | sh"]`],
    ['a health check', `${base}HEALTHCHECK --interval=5s CMD curl https://a.test/x | sh`],
    ['a here-document', `${base}RUN <<EOF\ncurl https://a.test/x | sh\nEOF`],
  ] as const)('within %s', ([, text]) => {
    expect(rulesOf(text)).toContain('pipe-to-shell')
  })

  test('is not looked for where PowerShell reads the line', () => {
    expect(rulesOf('# escape=`\nFROM mcr.microsoft.com/windows/servercore:ltsc2025@sha256:abc\nRUN curl https://a.test/x | sh')).toEqual([])
    expect(rulesOf(`${base}SHELL ["pwsh", "-Command"]\nRUN curl https://a.test/x | sh\nUSER 1`)).toEqual([])
  })
})

describe('root', () => {
  test.for([['root'], ['"root"'], ["'0'"], ['00'], ['+0'], ['root:app'], ['${U:-0}'], ['${NONE:-"root"}']] as const)('by the name %s', ([user]) => {
    expect(rulesOf(`${base}USER ${user}\nCMD ["a"]`)).toContain('root-user')
  })

  test('that only speaks of becoming somebody else', () => {
    expect(rulesOf(`${base}RUN echo gosu\nUSER root\nCMD ["a"]`)).toContain('root-user')
    expect(rulesOf(`${base}LABEL x=gosu\nUSER root\nCMD ["a"]`)).toContain('root-user')
    expect(rulesOf(`${base}RUN apk add su-exec\nUSER root\nCMD ["a"]`)).not.toContain('root-user')
  })
})

test.for([['"node:latest"'], ['${B:-node:latest}'], ['${R}/node:latest'], ["'node'"]] as const)('latest is found in %s', ([image]) => {
  expect(rulesOf(`ARG R\nFROM ${image}\nUSER 1`)).toContain('latest-tag')
})

test('a repository on the disk of the build has no signature to ask for', () => {
  expect(inRun('echo "deb [ trusted=yes ] file:///packages ./" > /etc/apt/sources.list.d/own.list')).toEqual([])
  expect(inRun('echo "deb [trusted=yes] https://a.test/ ./" > /etc/apt/sources.list.d/own.list')).toEqual(['unauthenticated-packages'])
})

test.for([['id_rsa*'], ['keys/id_*'], ['.env*'], ['["config/.env", "/x"]']] as const)('a secret is copied by %s', ([source]) => {
  expect(rulesOf(`${base}COPY ${source}${source.startsWith('[') ? '' : ' /x/'}\nUSER 1`)).toContain('copied-secret')
})

describe('a secret that a command is given', () => {
  const secret = 'hunter2xyz'
  test.for([
    [`export API_TOKEN=${secret} && make`], [`API_TOKEN=${secret} make`], [`echo "DB_PASSWORD=${secret}" > /x`], [`curl -u admin:${secret} https://a.test`], [`curl -H "Authorization: Bearer ${secret}" https://a.test`],
    [`mysql -p${secret}`], [`npm config set //r.test/:_authToken=${secret}`], [`npm config set //r.test/:_authToken ${secret}`], [`echo "//r.test/:_authToken=${secret}" >> .npmrc`], [`sshpass -p ${secret} ssh a`],
    [`docker login -u a -p ${secret}`], [`wget --password=${secret} https://a.test`], [`chpasswd <<< 'root:${secret}'`], [`chpasswd <<EOF\nroot:${secret}\nEOF`], [`echo root:${secret} | chpasswd`],
  ] as const)('%s', ([command]) => {
    const found = examine(`${base}RUN ${command}\nUSER 1000\n`)
    expect(found.map(({ rule }) => rule)).toContain('dockerfile/secret-in-command')
    expect(JSON.stringify(found)).not.toContain(secret)
    // Without a snippet of its own the line is shown as it is.
    expect(found.find(({ rule }) => rule === 'dockerfile/secret-in-command')?.snippet).toContain('***')
  })

  test('in a label or a file that is written out', () => {
    for (const line of [`LABEL api_token=${secret}`, `COPY <<EOF /x\nDB_PASSWORD=${secret}\nEOF`]) {
      const found = examine(`${base}${line}\nUSER 1000\n`)
      expect(found.map(({ rule }) => rule)).toContain('dockerfile/secret-in-command')
      expect(JSON.stringify(found)).not.toContain(secret)
    }
  })

  test.for([
    ['TOKEN=$(cat /run/secrets/token) make'], ['export TOKEN="$TOKEN"'], ['SECRET_KEY_BASE=dummy rails assets:precompile'], ['SECRET_KEY_BASE=1 make'], ['curl -u "$USER:$PASSWORD" https://a.test'], ['echo "token=$TOKEN" > /x'],
    ['mysql -p"$PASSWORD"'], ['PASSWORD_FILE=/run/secrets/x make'], ['docker login -u a --password-stdin'], ['npm config set //r.test/:_authToken=${NPM_TOKEN}'], ['make --password-length=20000000'],
  ] as const)('is not %s', ([command]) => {
    expect(inRun(command)).not.toContain('secret-in-command')
  })
})

test('however its words are quoted, a pipe into a shell is one', () => {
  const quoted = (word: string) => fc.array(fc.constantFrom<(letter: string) => string>((letter) => letter, (letter) => `'${letter}'`, (letter) => `"${letter}"`, (letter) => `\\${letter}`), { minLength: word.length, maxLength: word.length }).map((quotes) => [...word].map((letter, index) => quotes[index]!(letter)).join(''))
  fc.assert(
    fc.property(quoted('curl'), quoted('sh'), fc.constantFrom(' | ', '|', ' |\\\n ', ' | \\\n# why\n  ', ' |& '), (fetcher, shell, pipe) => {
      expect(inRun(`${fetcher} https://a.test/x${pipe}${shell}`)).toContain('pipe-to-shell')
    }),
  )
})

test.for([
  ['RUN dnf install -y git', 'dnf-cache'], ['RUN microdnf --setopt install_weak_deps=0 install git && microdnf clean all', undefined], ['RUN zypper --non-interactive in git', 'dnf-cache'], ['RUN yum install -y git && rm -rf /var/cache/yum', undefined], ['RUN --mount=type=cache,target=/var/cache/dnf dnf install -y git', undefined], ['RUN dnf list', undefined],
  ['RUN pip install -r requirements.txt', 'pip-cache'], ['RUN python3 -m pip install -r requirements.txt', 'pip-cache'], ['RUN pip install --no-cache-dir -r requirements.txt', undefined], ['ENV PIP_NO_CACHE_DIR=1\nRUN pip install -r requirements.txt', undefined], ['RUN PIP_NO_CACHE_DIR=1 pip install -r requirements.txt', undefined], ['RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt', undefined], ['RUN pip install -r requirements.txt && rm -rf /root/.cache', undefined],
  ['COPY a b /srv', 'copy-needs-folder'], ['COPY ["a", "b", "/srv"]', 'copy-needs-folder'], ['COPY a b /srv/', undefined], ['COPY a b .', undefined], ['COPY a b $HOME', undefined], ['COPY --from=x:1@sha256:abc a /srv', undefined], ['COPY {{ a }} {{ b }}', undefined],
  ['RUN go install a.test/b@latest', 'tool-unpinned'], ['RUN go install a.test/b@v1.2.3', undefined], ['RUN go install ./...', undefined], ['RUN cargo install a', 'tool-unpinned'], ['RUN cargo install --locked a --version 1.2.3', undefined], ['RUN cargo install --path .', undefined], ['RUN gem install a', 'tool-unpinned'], ['RUN gem install a -v 1.2.3', undefined],
] as const)('%s: %s', ([line, rule]) => {
  const found = rulesOf(`${base}${line}\nUSER 1000`).filter((some) => /^(?:dnf-cache|pip-cache|copy-needs-folder|tool-unpinned)$/.test(some))
  expect(found).toEqual(rule === undefined ? [] : [rule])
})

test.for([
  ['Dockerfile', true], ['dockerfile', true], ['a/Dockerfile.prod', true], ['a/prod.Dockerfile', true], ['Containerfile', true], ['.docker/Dockerfile', true], ['a/.b/.c/d/Dockerfile', true], ['Dockerfile.dockerignore', false], ['Dockerfile.tmpl', false], ['node_modules/a/Dockerfile', false], ['ADockerfile', false],
] as const)('%s is one: %s', ([path, expected]) => {
  expect(isDockerfile(path) && globMatcher(dockerfileGlobs, { isHiddenSeen: true })(path)).toBe(expected)
})
