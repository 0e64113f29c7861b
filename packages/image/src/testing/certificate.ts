import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from './rig.ts'

export interface TestCertificate {
  /** The certificate of the authority that signed `cert`, in PEM. */
  readonly ca: string
  readonly key: string
  readonly cert: string
  /** The same as files, for programs. */
  readonly files: { readonly ca: string; readonly key: string; readonly cert: string }
}

/** A certificate for these names from an authority that nobody else trusts, made with openssl. */
export async function testCertificate(names: readonly string[] = ['IP:127.0.0.1', 'DNS:localhost']): Promise<TestCertificate> {
  const directory = await temporaryDirectory()
  const file = (name: string): string => join(directory, name)
  const openssl = (...parameters: string[]): void => {
    const { status, stderr } = spawnSync('openssl', parameters, { cwd: directory })
    if (status !== 0) throw new Error(`openssl ${parameters.join(' ')}: ${stderr.toString()}`)
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=test authority')
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=registry')
  await writeFile(file('extensions'), `subjectAltName=${names.join(',')}\n`)
  openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'server.crt', '-days', '2', '-extfile', 'extensions')
  const read = async (name: string): Promise<string> => readFile(file(name), 'utf8')
  return {
    ca: await read('ca.crt'), key: await read('server.key'), cert: await read('server.crt'),
    files: { ca: file('ca.crt'), key: file('server.key'), cert: file('server.crt') },
  }
}
