import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files in PEM. */
export interface Certificate {
  readonly keyPath: string
  readonly certificatePath: string
}

const openssl = (folder: string, options: readonly string[]): void => void execFileSync('openssl', options, { cwd: folder, stdio: 'pipe' })

/** An authority that nothing but the test that made it trusts. */
export function createAuthority(folder: string, name: string): Certificate {
  const [keyPath, certificatePath] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
  openssl(folder, ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE', '-keyout', keyPath, '-out', certificatePath])
  return { keyPath, certificatePath }
}

/** A server's certificate; `publicKeyPath` for who keeps its key to itself. */
export function issueCertificate(
  folder: string,
  authority: Certificate,
  { name, subject, hosts = [], publicKeyPath }: { name: string; subject: string; hosts?: readonly string[]; publicKeyPath?: string },
): Certificate {
  const [keyPath, certificatePath, requestPath] = [join(folder, `${name}.key`), join(folder, `${name}.pem`), join(folder, `${name}.csr`)]
  openssl(folder, ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${subject}`, '-keyout', keyPath, '-out', requestPath])
  const extensions = join(folder, `${name}.ext`)
  writeFileSync(extensions, hosts.length > 0 ? `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}\n` : '')
  const signing = ['x509', '-req', '-in', requestPath, '-CA', authority.certificatePath, '-CAkey', authority.keyPath, '-CAcreateserial', '-days', '1']
  openssl(folder, [
    ...signing,
    ...(publicKeyPath === undefined ? [] : ['-force_pubkey', publicKeyPath]),
    '-extfile',
    extensions,
    '-out',
    certificatePath,
  ])
  return { keyPath, certificatePath }
}
