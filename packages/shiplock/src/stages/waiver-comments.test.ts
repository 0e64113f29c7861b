import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findKnownSecrets } from '../checks/secrets/known-secrets.ts'
import { stricterComments } from '../policy/loosening.ts'
import { createMask } from '../system/masking.ts'
import { takeSnapshot } from '../system/snapshot.ts'
import { commentsAt, commentsOfTree } from './waiver-comments.ts'

test('a comment above a secret is the same in the tree and at the merge base, and above another secret it is another one', async () => {
  const root = mkdtempSync(join(tmpdir(), 'waiver-comments-'))
  // Made here, so that no file holds anything that looks like one.
  const source = (middle: string) => `// shiplock-ignore secrets/github-token -- revoked\nexport const token = '${'ghp'}_${middle}Rw4Ym8Pn3Vb6Jc1Hd5Lf0Gs2Ta7'\n`
  writeFileSync(join(root, 'a.js'), `${source('x7Kq9Zt2')}// edited\n`)
  const snapshot = takeSnapshot(root)
  if (!snapshot.ok) throw new Error(snapshot.failure.message)
  const head = await commentsOfTree(snapshot.value, { toolVersion: '1', mask: createMask({}, findKnownSecrets) })
  if (!head.ok) throw new Error(head.failure.message)
  const loosened = async (middle: string) => {
    const base = { commit: 'c'.repeat(40), read: () => undefined, codeOwners: () => undefined, filesWith: () => new Map([['a.js', Buffer.from(source(middle))]]) }
    return stricterComments(await commentsAt(base, snapshot.value, head.value), head.value).loosened.length
  }
  expect([await loosened('x7Kq9Zt2'), await loosened('a8Lp3Wd6')]).toEqual([0, 1])
  rmSync(root, { recursive: true })
})
