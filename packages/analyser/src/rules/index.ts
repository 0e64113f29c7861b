// Written by scripts/write-rules.ts: one folder, one rule.
import allInterfaces from './all-interfaces/index.ts'
import argumentInjection from './argument-injection/index.ts'
import badHtmlFilter from './bad-html-filter/index.ts'
import clearTextDownload from './clear-text-download/index.ts'
import clearTextSecret from './clear-text-secret/index.ts'
import codeInjection from './code-injection/index.ts'
import commandInjection from './command-injection/index.ts'
import crossSiteScripting from './cross-site-scripting/index.ts'
import csrfProtection from './csrf-protection/index.ts'
import doubleUnescaping from './double-unescaping/index.ts'
import dynamicCode from './dynamic-code/index.ts'
import electronIsolation from './electron-isolation/index.ts'
import environmentLeak from './environment-leak/index.ts'
import hardCodedCredentials from './hard-coded-credentials/index.ts'
import headerInjection from './header-injection/index.ts'
import incompleteEscaping from './incomplete-escaping/index.ts'
import incompleteMultiCharacterSanitisation from './incomplete-multi-character-sanitisation/index.ts'
import incompleteUrlCheck from './incomplete-url-check/index.ts'
import insecureCookie from './insecure-cookie/index.ts'
import insecureRandomness from './insecure-randomness/index.ts'
import insecureServerOption from './insecure-server-option/index.ts'
import jwtMisuse from './jwt-misuse/index.ts'
import logInjection from './log-injection/index.ts'
import looseHostPattern from './loose-host-pattern/index.ts'
import massAssignment from './mass-assignment/index.ts'
import messageOrigin from './message-origin/index.ts'
import nosqlInjection from './nosql-injection/index.ts'
import openRedirect from './open-redirect/index.ts'
import pathTraversal from './path-traversal/index.ts'
import permissiveCors from './permissive-cors/index.ts'
import permissiveFileMode from './permissive-file-mode/index.ts'
import privateFilesServed from './private-files-served/index.ts'
import privilegedContainer from './privileged-container/index.ts'
import prototypePollution from './prototype-pollution/index.ts'
import queryInjection from './query-injection/index.ts'
import redosExponential from './redos-exponential/index.ts'
import redosPolynomial from './redos-polynomial/index.ts'
import regexInjection from './regex-injection/index.ts'
import resourceExhaustion from './resource-exhaustion/index.ts'
import secretExposure from './secret-exposure/index.ts'
import serverSideRequestForgery from './server-side-request-forgery/index.ts'
import shellCommand from './shell-command/index.ts'
import sqlInjection from './sql-injection/index.ts'
import stackTraceExposure from './stack-trace-exposure/index.ts'
import staticSalt from './static-salt/index.ts'
import templateInjection from './template-injection/index.ts'
import timingUnsafeComparison from './timing-unsafe-comparison/index.ts'
import tlsVerificationOff from './tls-verification-off/index.ts'
import unsafeDeserialisation from './unsafe-deserialisation/index.ts'
import unsafeTemporaryFile from './unsafe-temporary-file/index.ts'
import untrustedLink from './untrusted-link/index.ts'
import untrustedModule from './untrusted-module/index.ts'
import unvalidatedMethodCall from './unvalidated-method-call/index.ts'
import weakCipher from './weak-cipher/index.ts'
import weakHash from './weak-hash/index.ts'
import weakKey from './weak-key/index.ts'
import weakKeyDerivation from './weak-key-derivation/index.ts'
import weakTlsVersion from './weak-tls-version/index.ts'
import xmlExternalEntity from './xml-external-entity/index.ts'
import zipSlip from './zip-slip/index.ts'
import type { AnalyserRule } from './rule.ts'

export const rules: readonly AnalyserRule[] = [
  allInterfaces,
  argumentInjection,
  badHtmlFilter,
  clearTextDownload,
  clearTextSecret,
  codeInjection,
  commandInjection,
  crossSiteScripting,
  csrfProtection,
  doubleUnescaping,
  dynamicCode,
  electronIsolation,
  environmentLeak,
  hardCodedCredentials,
  headerInjection,
  incompleteEscaping,
  incompleteMultiCharacterSanitisation,
  incompleteUrlCheck,
  insecureCookie,
  insecureRandomness,
  insecureServerOption,
  jwtMisuse,
  logInjection,
  looseHostPattern,
  massAssignment,
  messageOrigin,
  nosqlInjection,
  openRedirect,
  pathTraversal,
  permissiveCors,
  permissiveFileMode,
  privateFilesServed,
  privilegedContainer,
  prototypePollution,
  queryInjection,
  redosExponential,
  redosPolynomial,
  regexInjection,
  resourceExhaustion,
  secretExposure,
  serverSideRequestForgery,
  shellCommand,
  sqlInjection,
  stackTraceExposure,
  staticSalt,
  templateInjection,
  timingUnsafeComparison,
  tlsVerificationOff,
  unsafeDeserialisation,
  unsafeTemporaryFile,
  untrustedLink,
  untrustedModule,
  unvalidatedMethodCall,
  weakCipher,
  weakHash,
  weakKey,
  weakKeyDerivation,
  weakTlsVersion,
  xmlExternalEntity,
  zipSlip,
]
