import { expect, test } from 'vitest'
import { BlobStore } from '../system/blob-store.ts'
import { imageStage, type ImageStageInput } from './image-stage.ts'
import type { RuntimeLayers } from './runtime-layers.ts'
import { runtimeStage, type RuntimeStageInput } from './runtime-stage.ts'

test('everything that the bytes of an image depend on is in its fingerprint', () => {
  const input: ImageStageInput = {
    layoutDirectory: 'layout',
    cacheDirectory: 'layers',
    blobs: new BlobStore('blobs'),
    name: 'todo',
    entrypoint: ['node', 'main.js'],
    user: 1000,
    compression: 'gzip',
    port: 8080,
    platform: { os: 'linux', architecture: 'amd64' },
    tools: {},
    hasPackages: false,
    created: 0,
  }
  const others: readonly Partial<ImageStageInput>[] = [
    { name: 'other' },
    { entrypoint: ['node', 'other.js'] },
    { user: 1001 },
    { compression: 'zstd' },
    { port: 8081 },
    { platform: { os: 'linux', architecture: 'arm64' } },
    { created: 1 },
    { commit: 'c' },
  ]
  const fingerprints = [{}, ...others].map((other) => imageStage({ ...input, ...other }).inputs)
  expect(new Set(fingerprints).size).toBe(fingerprints.length)
})

test('everything that the layers below a service depend on is in their fingerprint', () => {
  const runtime: RuntimeLayers = { platform: { os: 'linux', architecture: 'amd64' }, digest: 'a', lacks: [], layers: async () => [] }
  const input: RuntimeStageInput = { layoutDirectory: 'layout', cacheDirectory: 'layers', runtime, compression: 'gzip', tools: {} }
  const others: readonly Partial<RuntimeStageInput>[] = [{ runtime: { ...runtime, platform: { os: 'linux', architecture: 'arm64' } } }, { runtime: { ...runtime, digest: 'b' } }, { compression: 'zstd' }]
  const fingerprints = [{}, ...others].map((other) => runtimeStage({ ...input, ...other }).inputs)
  expect(new Set(fingerprints).size).toBe(fingerprints.length)
})
