import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expandScript } from './npm-script.ts'
import { instrument } from './runner.ts'
import { quote, splitCommands } from './shell-commands.ts'

describe('a shell text', () => {
  test('is split at operators outside of quotes', () => {
    const words = (text: string) => splitCommands(text).map((command) => command.map((word) => word.text))
    expect(words(`A=1 vitest run "a && b" 'c;d' e\\ f && (node --test; true) | tee out.txt 2>&1`)).toEqual([
      ['A=1', 'vitest', 'run', 'a && b', 'c;d', 'e f'],
      ['node', '--test'],
      ['true'],
      ['tee', 'out.txt', '2>&', '1'],
    ])
  })

  test('gives back what was quoted, and every word is where it says', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string().filter((word) => !word.includes('\0')),
          { minLength: 1 },
        ),
        (words) => {
          const text = words.map(quote).join(' ')
          expect(
            splitCommands(text)
              .flat()
              .map((word) => word.text),
          ).toEqual(words)
        },
      ),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { start, end } of splitCommands(text).flat()) expect(start).toBeLessThan(end)
      }),
    )
  })
})

describe('a script', () => {
  test('has its pre and post scripts, and those of the scripts that it runs', () => {
    const scripts = {
      pretest: 'tsc',
      test: 'npm run -s unit -- --bail && npm run e2e',
      unit: 'vitest run',
      pree2e: 'vite build',
      e2e: 'playwright test',
    }
    expect(expandScript(scripts, 'test')).toBe('tsc && ( vitest run --bail ) && ( vite build && playwright test )')
  })

  test('that runs itself, another package or with flags of npm is left as it is', () => {
    expect(expandScript({ test: 'npm run test' }, 'test')).toBe('npm run test')
    expect(expandScript({ test: 'npm test -w app', app: 'x' }, 'test')).toBe('npm test -w app')
    expect(expandScript({ test: 'cd app && npm run unit', unit: 'vitest' }, 'test')).toBe('cd app && npm run unit')
    expect(expandScript({ test: 'a' }, 'toString')).toBeUndefined()
  })
})

describe('instrumentation', () => {
  const flagsOf = (script: string, vitestVersion = '5.1.1') => {
    const { script: text, runners } = instrument(script, { wantsCoverage: false, vitestVersion })
    return [text.replaceAll(/\S*\/reporters\//g, ''), runners]
  }

  test('goes beside the runner, wherever it is', () => {
    expect(flagsOf('tsc && c8 vitest run src -- x')[0]).toBe(
      'tsc && c8 vitest --reporter=default vitest.mjs --includeTaskLocation --configLoader=runner run src -- x',
    )
    expect(flagsOf('node --import tsx --test src/*.test.ts')[0]).toBe(
      'node node-test.mjs --test-reporter-destination=stderr --test-reporter=spec --test-reporter-destination=stdout --import tsx --test src/*.test.ts',
    )
    expect(flagsOf('NODE_ENV=test jest --ci; mocha')).toEqual([
      'NODE_ENV=test jest --reporters=default jest.cjs --testLocationInResults --ci; mocha mocha.cjs',
      ['jest', 'mocha'],
    ])
  })

  test('leaves reporters that the script asks for', () => {
    expect(flagsOf('vitest run --reporter=junit')[0]).toBe(
      'vitest vitest.mjs --includeTaskLocation --configLoader=runner run --reporter=junit',
    )
    expect(flagsOf('node --test --test-reporter=dot')[0]).toBe(
      'node node-test.mjs --test-reporter-destination=stderr --test-reporter-destination=stdout --test --test-reporter=dot',
    )
  })

  test('asks a Vitest that knows no such reporter for JUnit XML', () => {
    expect(flagsOf('vitest run', '2.1.9')[0]).toBe(
      'vitest --reporter=default --reporter=junit --outputFile.junit="$SHIPLOCK_TEST_JUNIT" run',
    )
  })

  test('leaves programs alone that are no runners', () => {
    expect(flagsOf('node build.js && tsx scripts/seed.ts && ava')).toEqual(['node build.js && tsx scripts/seed.ts && ava', []])
  })
})
