// Written by scripts/write-rules.ts: one folder, one rule.
import argumentInjection from './argument-injection/index.ts'
import badHtmlFilter from './bad-html-filter/index.ts'
import codeInjection from './code-injection/index.ts'
import commandInjection from './command-injection/index.ts'
import crossSiteScripting from './cross-site-scripting/index.ts'
import doubleUnescaping from './double-unescaping/index.ts'
import headerInjection from './header-injection/index.ts'
import incompleteEscaping from './incomplete-escaping/index.ts'
import incompleteMultiCharacterSanitisation from './incomplete-multi-character-sanitisation/index.ts'
import incompleteUrlCheck from './incomplete-url-check/index.ts'
import logInjection from './log-injection/index.ts'
import looseHostPattern from './loose-host-pattern/index.ts'
import massAssignment from './mass-assignment/index.ts'
import nosqlInjection from './nosql-injection/index.ts'
import openRedirect from './open-redirect/index.ts'
import pathTraversal from './path-traversal/index.ts'
import prototypePollution from './prototype-pollution/index.ts'
import queryInjection from './query-injection/index.ts'
import redosExponential from './redos-exponential/index.ts'
import redosPolynomial from './redos-polynomial/index.ts'
import regexInjection from './regex-injection/index.ts'
import resourceExhaustion from './resource-exhaustion/index.ts'
import secretExposure from './secret-exposure/index.ts'
import serverSideRequestForgery from './server-side-request-forgery/index.ts'
import sqlInjection from './sql-injection/index.ts'
import stackTraceExposure from './stack-trace-exposure/index.ts'
import templateInjection from './template-injection/index.ts'
import unsafeDeserialisation from './unsafe-deserialisation/index.ts'
import untrustedModule from './untrusted-module/index.ts'
import unvalidatedMethodCall from './unvalidated-method-call/index.ts'
import xmlExternalEntity from './xml-external-entity/index.ts'
import zipSlip from './zip-slip/index.ts'
import type { AnalyserRule } from './rule.ts'

export const rules: readonly AnalyserRule[] = [
  argumentInjection,
  badHtmlFilter,
  codeInjection,
  commandInjection,
  crossSiteScripting,
  doubleUnescaping,
  headerInjection,
  incompleteEscaping,
  incompleteMultiCharacterSanitisation,
  incompleteUrlCheck,
  logInjection,
  looseHostPattern,
  massAssignment,
  nosqlInjection,
  openRedirect,
  pathTraversal,
  prototypePollution,
  queryInjection,
  redosExponential,
  redosPolynomial,
  regexInjection,
  resourceExhaustion,
  secretExposure,
  serverSideRequestForgery,
  sqlInjection,
  stackTraceExposure,
  templateInjection,
  unsafeDeserialisation,
  untrustedModule,
  unvalidatedMethodCall,
  xmlExternalEntity,
  zipSlip,
]
