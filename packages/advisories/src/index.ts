export { purlOf, type Component } from './component.ts'
export { isAffected, readOsv, smallestFix, withoutAliases, type Advisory } from './advisory.ts'
export { lockFileNames, readLockFile, type Asked, type LockFile, type Manifest, type Manifests } from './lock-file.ts'
export { readManifest } from './manifest.ts'
