import { expect, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type lint from '../checks/lint/index.ts'
import { defineConfig, type UserConfig } from '../index.ts'
import type { parts } from './schema.ts'

/*
 * Most of this is proven by the compiler (`npm run types`): a `@ts-expect-error` without an error under it is an error.
 */

test('gives the config back unchanged', () => {
  const config = { service: { port: 3000 } }
  expect(defineConfig(config)).toBe(config)
})

test('wrong keys and values are compile errors, at every level', () => {
  defineConfig({ service: { name: 'todo' }, checks: { lint: { linter: 'eslint' }, types: false }, gates: { lint: { failOn: 'never' } } })
  // @ts-expect-error there is no such part
  defineConfig({ servce: {} })
  // @ts-expect-error there is no such field
  defineConfig({ service: { prot: 8080 } })
  // @ts-expect-error a port is a number
  defineConfig({ service: { port: '8080' } })
  // @ts-expect-error there is no such check
  defineConfig({ checks: { lnit: false } })
  // @ts-expect-error there is no such option
  defineConfig({ checks: { lint: { lintr: 'eslint' } } })
  // @ts-expect-error there is no such linter
  defineConfig({ checks: { lint: { linter: 'jslint' } } })
  // @ts-expect-error a check is switched off by false, not on by true
  defineConfig({ checks: { lint: true } })
  // @ts-expect-error there is no such severity
  defineConfig({ gates: { lint: { failOn: 'severe' } } })
  // @ts-expect-error there is no such check
  defineConfig({ gates: { lnit: {} } })
})

test('the generated types are what the schemas accept', () => {
  expectTypeOf<NonNullable<UserConfig['service']>>().toEqualTypeOf<z.input<typeof parts.service>>()
  expectTypeOf<NonNullable<UserConfig['image']>>().toEqualTypeOf<z.input<typeof parts.image>>()
  expectTypeOf<NonNullable<UserConfig['targets']>>().toEqualTypeOf<z.input<typeof parts.targets>>()
  expectTypeOf<NonNullable<NonNullable<UserConfig['gates']>['lint']>>().toEqualTypeOf<z.input<typeof parts.gate>>()
  expectTypeOf<NonNullable<UserConfig['checks']>['lint']>().toEqualTypeOf<z.input<typeof lint.options> | false | undefined>()
})
