import { anthropicKey } from './rules/anthropic-key.ts'
import { awsAccessKeyId } from './rules/aws-access-key-id.ts'
import { awsSecretKey } from './rules/aws-secret-key.ts'
import { basicAuthUrl } from './rules/basic-auth-url.ts'
import { databaseUrl } from './rules/database-url.ts'
import { gcpApiKey } from './rules/gcp-api-key.ts'
import { gcpServiceAccount } from './rules/gcp-service-account.ts'
import { githubToken } from './rules/github-token.ts'
import { gitlabToken } from './rules/gitlab-token.ts'
import { jwt } from './rules/jwt.ts'
import { npmToken } from './rules/npm-token.ts'
import { npmrcAuthToken } from './rules/npmrc-auth-token.ts'
import { openaiKey } from './rules/openai-key.ts'
import { privateKey } from './rules/private-key.ts'
import { slackToken } from './rules/slack-token.ts'
import { stripeKey } from './rules/stripe-key.ts'
import type { SecretRule } from './secret-rule.ts'

/** The first that claims a piece of text has it, so the special ones come before the general. */
export const patterns: readonly SecretRule[] = [
  gcpServiceAccount,
  npmrcAuthToken,
  privateKey,
  awsSecretKey,
  awsAccessKeyId,
  gcpApiKey,
  githubToken,
  gitlabToken,
  npmToken,
  slackToken,
  stripeKey,
  openaiKey,
  anthropicKey,
  databaseUrl,
  basicAuthUrl,
  jwt,
]
