import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

// Debian puts the database server where a user's PATH does not look.
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** The path of a program that a measurement needs; where it is missing, an error that says which package has it. */
export function findProgram(name: string, debianPackage: string): string {
  const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate))
  if (path === undefined) throw new Error(`${name} is not on PATH; install it (Debian: apt-get install ${debianPackage})`)
  return path
}
