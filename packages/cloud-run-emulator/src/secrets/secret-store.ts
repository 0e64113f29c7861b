import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EmulatorError } from '../error.ts'
import { isJsonObject } from '../resource/proto-json.ts'
import { ApiError } from '../resource/status.ts'
import { replaceFile } from '../state/atomic-file.ts'

export interface SecretVersion {
  /** From 1. */
  readonly number: number
  readonly state: 'ENABLED' | 'DISABLED' | 'DESTROYED'
  readonly createTime: string
  readonly destroyTime?: string
  /** Base64; absent where the version is destroyed. */
  readonly data?: string
}

export interface Secret {
  readonly id: string
  readonly createTime: string
  readonly labels: Readonly<Record<string, string>>
  readonly versions: readonly SecretVersion[]
}

const idSyntax = /^[A-Za-z0-9_-]{1,255}$/
/** What Secret Manager takes (quotas). */
const largestPayload = 65_536

/** The secrets of the project, one file of mode 0600 each. Refusals are `ApiError`s as Secret Manager gives them. */
export class SecretStore {
  readonly #directory: string
  readonly #secrets = new Map<string, Secret>()

  constructor(directory: string) {
    this.#directory = directory
    for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
      const secret = readSecret(join(directory, name))
      this.#secrets.set(secret.id, secret)
    }
  }

  list(): readonly Secret[] {
    return [...this.#secrets.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  get(id: string): Secret {
    const secret = this.#secrets.get(id)
    if (secret === undefined) throw new ApiError('NOT_FOUND', `Secret [${id.slice(0, 255)}] not found.`)
    return secret
  }

  create(id: string, labels: Readonly<Record<string, string>>): Secret {
    if (!idSyntax.test(id))
      throw new ApiError('INVALID_ARGUMENT', 'The provided Secret ID does not match the expected format [[a-zA-Z_0-9-]+], or is longer than 255.')
    if (this.#secrets.has(id)) throw new ApiError('ALREADY_EXISTS', `Secret [${id}] already exists.`)
    return this.#save({ id, createTime: new Date().toISOString(), labels, versions: [] })
  }

  delete(id: string): void {
    this.get(id)
    rmSync(join(this.#directory, `${id}.json`), { force: true })
    this.#secrets.delete(id)
  }

  addVersion(id: string, data: Uint8Array): SecretVersion {
    const secret = this.get(id)
    if (data.length > largestPayload) throw new ApiError('INVALID_ARGUMENT', `The payload is larger than ${largestPayload} bytes.`)
    const version: SecretVersion = {
      number: secret.versions.length + 1,
      state: 'ENABLED',
      createTime: new Date().toISOString(),
      data: Buffer.from(data).toString('base64'),
    }
    this.#save({ ...secret, versions: [...secret.versions, version] })
    return version
  }

  /** `version` is a number, or `latest`: the newest, whatever its state. */
  version(id: string, version: string): SecretVersion {
    const { versions } = this.get(id)
    const found = version === 'latest' ? versions.at(-1) : versions.find(({ number }) => String(number) === version)
    if (found === undefined) throw new ApiError('NOT_FOUND', `Secret [${id}] not found or has no version ${JSON.stringify(version.slice(0, 40))}.`)
    return found
  }

  /** The payload. A version that is not enabled is FAILED_PRECONDITION. */
  access(id: string, version: string): { readonly number: number; readonly data: Buffer } {
    const { number, state, data } = this.version(id, version)
    if (state !== 'ENABLED' || data === undefined)
      throw new ApiError('FAILED_PRECONDITION', `Secret Version [${id}/versions/${number}] is in ${state} state.`)
    return { number, data: Buffer.from(data, 'base64') }
  }

  setState(id: string, version: string, state: SecretVersion['state']): SecretVersion {
    const secret = this.get(id)
    const current = this.version(id, version)
    if (current.state === 'DESTROYED') throw new ApiError('FAILED_PRECONDITION', `Secret Version [${id}/versions/${current.number}] is in DESTROYED state.`)
    const { data, ...rest } = current
    const changed: SecretVersion =
      state === 'DESTROYED' ? { ...rest, state, destroyTime: new Date().toISOString() } : { ...rest, state, ...(data === undefined ? {} : { data }) }
    this.#save({ ...secret, versions: secret.versions.map((other) => (other === current ? changed : other)) })
    return changed
  }

  #save(secret: Secret): Secret {
    replaceFile(join(this.#directory, `${secret.id}.json`), JSON.stringify(secret))
    this.#secrets.set(secret.id, secret)
    return secret
  }
}

function readSecret(file: string): Secret {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isJsonObject(value) && typeof value['id'] === 'string' && file.endsWith(`/${value['id']}.json`) && Array.isArray(value['versions']))
      return value as unknown as Secret
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw new EmulatorError('state-invalid', `${JSON.stringify(file)} is not a secret that this version of the emulator wrote`, {
    hint: 'Move the file away; the secret can be made again.',
  })
}
