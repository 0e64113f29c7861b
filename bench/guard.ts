/** One guard of the code, and the test that is to fail without it. */
export interface Guard {
  readonly name: string
  /** What it is against: the faults of the issues, in their words. */
  readonly fault: string
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly remove: string
  /** What is there without the guard; the program must still compile. */
  readonly replacement: string
  readonly test: string
  /** Part of the test's name; all tests of the file where it is absent. */
  readonly pattern?: string
  readonly project: 'unit' | 'service' | 'e2e'
}

/** How a guard is taken out, and what notices. */
export type Removal = Omit<Guard, 'fault' | 'name'>

/** Fault → name of the guard → how it is taken out. */
export type Removals = Readonly<Record<string, Readonly<Record<string, Removal>>>>

/** A removal that a test of the project `unit` is to notice. */
export const unit = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => ({ file, test, pattern, remove, replacement, project: 'unit' })
