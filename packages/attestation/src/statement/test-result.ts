import { z } from 'zod'
import { resourceDescriptor, type ResourceDescriptor } from './shape.ts'
import { predicateTypes, stateAbout, type ImageSubject, type Statement } from './statement.ts'

/** That tests were run, and what came of them (in-toto attestation, predicates/test-result.md, v0.1). */
export interface TestResult {
  readonly result: 'PASSED' | 'WARNED' | 'FAILED'
  /** What was run: the files that say so, by digest. */
  readonly configuration: readonly ResourceDescriptor[]
  readonly url?: string
  readonly passedTests?: readonly string[]
  readonly warnedTests?: readonly string[]
  readonly failedTests?: readonly string[]
}

const names = z.array(z.string()).exactOptional()

export const testResultShape: z.ZodType<TestResult> = z
  .looseObject({
    result: z.enum(['PASSED', 'WARNED', 'FAILED']),
    configuration: z.array(resourceDescriptor),
    url: z.string().exactOptional(),
    passedTests: names, warnedTests: names, failedTests: names,
  })
  .refine(({ result, failedTests = [] }) => (failedTests.length === 0 || result === 'FAILED'), 'passed, with tests that failed')

export const testResultStatement = (image: ImageSubject, result: TestResult): Statement<TestResult> =>
  stateAbout(image, predicateTypes.testResult, testResultShape, result)
