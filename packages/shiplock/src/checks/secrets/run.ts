import { matchesGlob } from 'node:path'
import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { findSecrets } from './find-secrets.ts'
import type { SecretsOptions } from './index.ts'
import { tooLarge } from './rules/too-large.ts'

/** What holds no text, by its name; the others are told by a zero byte. */
const binary = /\.(?:png|jpe?g|gif|webp|avif|ico|bmp|tiff?|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|mov|zip|gz|tgz|bz2|xz|zst|7z|rar|jar|pdf|wasm|node|so|dylib|dll|exe|class|pyc|sqlite3?|db|psd)$/i

/** Hashes by the thousand, written by a program. */
const lockFile = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|deno\.lock|Cargo\.lock|poetry\.lock|uv\.lock|Gemfile\.lock|composer\.lock|go\.sum|\.terraform\.lock\.hcl)$/

/** Changes when the same text may be judged otherwise. */
const revision = '1'

export async function run(context: CheckContext<SecretsOptions>): Promise<CheckOutcome> {
  const { files, options, perFile, signal } = context
  const looked = files.paths.filter((path) => !binary.test(path) && !lockFile.test(path) && !options.exclude.some((glob) => matchesGlob(path, glob)))
  const examine = async (paths: readonly string[]) => {
    const byFile = new Map<string, readonly FindingDraft[]>()
    for (const path of paths) {
      signal.throwIfAborted()
      byFile.set(path, files.size(path) > options.maxFileBytes ? [tooLargeFinding(path, options.maxFileBytes)] : await findSecrets(path, await files.text(path)))
    }
    return byFile
  }
  const findings = await perFile(looked, `${revision}\0${options.maxFileBytes}`, examine)
  const skipped = files.paths.length - looked.length
  return { kind: 'completed', findings, summary: `${looked.length} files${skipped > 0 ? `, ${skipped} binaries, lock files and ignored ones left out` : ''}` }
}

const tooLargeFinding = (path: string, limit: number): FindingDraft => ({ rule: tooLarge.id, message: `is larger than ${limit} bytes and was not looked through`, location: { path } })
