/**
 * Tokens that their service marks as its own, as it documents them. One of the markers is looked for first, without case, where it has any; no
 * repetition is unbounded, and what is repeated never overlaps with what follows it.
 */
export interface ServiceShape {
  readonly service: string
  readonly markers: readonly string[]
  /** With the flag `g`; all of it is masked, or the group `secret`. */
  readonly pattern: RegExp
}

const shape = (service: string, markers: string | readonly string[], token: string): ServiceShape => ({
  service,
  markers: [markers].flat().map((marker) => marker.toLowerCase()),
  pattern: new RegExp(`(?<![A-Za-z0-9_])(?:${token})(?![A-Za-z0-9])`, 'g'),
})

export const serviceShapes: readonly ServiceShape[] = [
  shape('1Password', 'ops_eyJ', 'ops_eyJ[\\w-]{100,2000}'),
  shape('age', 'AGE-SECRET-KEY-', 'AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}'),
  shape('Airtable', 'pat', 'pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}'),
  shape('Alibaba Cloud', 'LTAI', 'LTAI[A-Za-z0-9]{20}'),
  shape('Atlassian', 'ATATT3', 'ATATT3[\\w-]{100,300}(?:=[0-9A-F]{8})?'),
  shape('Azure', 'AccountKey=', 'AccountKey=(?<secret>[A-Za-z0-9+/]{86}==)'),
  shape('Azure', [], '[\\w.]{3}\\dQ~[\\w~.-]{31,34}'),
  shape('Bitbucket', 'ATBB', 'ATBB[A-Za-z0-9]{32}'),
  shape('Brevo', 'xkeysib-', 'xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}'),
  shape('Buildkite', ['bkua_', 'bkaj_', 'bkct_'], 'bk(?:ua|aj|ct)_[0-9a-f]{40}'),
  shape('CircleCI', 'CCIPAT_', 'CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}'),
  shape('Cloudflare', 'v1.0-', 'v1\\.0-[0-9a-f]{24}-[0-9a-f]{146}'),
  shape('Cloudflare', ['cfut_', 'cfat_', 'cfk_'], 'cf(?:ut|at|k)_[A-Za-z0-9]{40,64}'),
  shape('Contentful', 'CFPAT-', 'CFPAT-[\\w-]{43}'),
  shape('crates.io', 'cio', 'cio[A-Za-z0-9]{32}'),
  shape('Databricks', 'dapi', 'dapi[0-9a-f]{32}(?:-\\d)?'),
  shape('DigitalOcean', ['dop_v1_', 'doo_v1_', 'dor_v1_'], 'do[opr]_v1_[0-9a-f]{64}'),
  shape('Discord', ['/api/webhooks/'], 'discord(?:app)?\\.com/api/webhooks/(?<secret>\\d{17,20}/[\\w-]{60,80})'),
  shape('Discord', [], '[MNO][A-Za-z0-9]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,38}'),
  shape('Docker Hub', ['dckr_pat_', 'dckr_oat_'], 'dckr_[po]at_[\\w-]{20,40}'),
  shape('Doppler', 'dp.', 'dp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[\\w-]{2,35}\\.)?[A-Za-z0-9]{40,44}'),
  shape('Dynatrace', 'dt0', 'dt0[a-z]\\d\\d\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}'),
  shape('Figma', 'fig', 'fig[dour]_[\\w-]{40}'),
  shape('Fly.io', ['fo1_', 'fm1_', 'fm2_'], 'fo1_[\\w-]{43}|fm[12][ar]?_[A-Za-z0-9+/]{100,2000}={0,3}'),
  shape('Google OAuth', 'GOCSPX-', 'GOCSPX-[\\w-]{28}'),
  shape('Google OAuth', 'ya29.', 'ya29\\.[\\w-]{50,300}'),
  shape('Grafana', ['glsa_', 'glc_'], 'glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/]{32,400}={0,3}'),
  shape('Groq', 'gsk_', 'gsk_[A-Za-z0-9]{52}'),
  shape('HashiCorp Vault', ['hvs.', 'hvb.', 'hvr.'], 'hv[sbr]\\.[\\w-]{24,300}'),
  shape('Heroku', 'HRKU-', 'HRKU-AA[\\w-]{58}'),
  shape('Hugging Face', ['hf_', 'api_org_'], '(?:hf|api_org)_[A-Za-z]{34}'),
  shape('JFrog', ['AKCp', 'cmVmdGtu'], 'AKCp[A-Za-z0-9]{69}|cmVmdGtu[A-Za-z0-9]{56}'),
  shape('Linear', 'lin_', 'lin_(?:api|oauth)_[A-Za-z0-9]{40,64}'),
  shape('Mailchimp', '-us', '[0-9a-f]{32}-us\\d{1,2}'),
  shape('Mailgun', 'key-', 'key-[0-9a-f]{32}'),
  shape('Mapbox', 'sk.eyJ', 'sk\\.eyJ[\\w-]{60,200}\\.[\\w-]{22}'),
  shape('Netlify', ['nfp_', 'nfc_', 'nfu_', 'nfo_', 'nfb_'], 'nf[pcuob]_[A-Za-z0-9]{36}'),
  shape('New Relic', 'NRAK-', 'NRAK-[A-Z0-9]{27}'),
  shape('Notion', ['ntn_', 'secret_'], 'ntn_[A-Za-z0-9]{46}|secret_[A-Za-z0-9]{43}'),
  shape('NuGet', 'oy2', 'oy2[a-z0-9]{43}'),
  shape('Perplexity', 'pplx-', 'pplx-[A-Za-z0-9]{48,56}'),
  shape('PlanetScale', 'pscale_', 'pscale_(?:tkn|pw|oauth)_[\\w.-]{32,64}'),
  shape('Postman', 'PMAK-', 'PMAK-[0-9a-f]{24}-[0-9a-f]{34}'),
  shape('Pulumi', 'pul-', 'pul-[0-9a-f]{40}'),
  shape('PyPI', 'pypi-AgE', 'pypi-AgE[\\w-]{60,300}'),
  shape('Replicate', 'r8_', 'r8_[A-Za-z0-9]{37}'),
  shape('RubyGems', 'rubygems_', 'rubygems_[0-9a-f]{48}'),
  shape('SendGrid', 'SG.', 'SG\\.[\\w-]{16,32}\\.[\\w-]{16,64}'),
  shape('Sentry', ['sntrys_eyJ', 'sntryu_'], 'sntryu_[0-9a-f]{64}|sntrys_eyJ[A-Za-z0-9+/]{60,400}={0,2}_[A-Za-z0-9+/]{43}'),
  shape('Shopify', 'shp', 'shp(?:at|pa|ss|ca|ua|tka)_[0-9a-f]{32}'),
  shape('SonarQube', ['sqp_', 'squ_', 'sqa_'], 'sq[pua]_[0-9a-f]{40}'),
  shape('Square', ['sq0', 'EAAA'], 'sq0(?:atp|csp)-[\\w-]{22,43}|EAAA[\\w-]{60}'),
  shape('Stripe', 'whsec_', 'whsec_[A-Za-z0-9+/]{32,64}={0,2}'),
  shape('Supabase', ['sbp_', 'sb_secret_'], 'sbp_(?:v0_|oauth_)?[0-9a-f]{40}|sb_secret_[\\w-]{31,45}'),
  shape('Tailscale', 'tskey-', 'tskey-(?:api|auth|client|scim|webhook)-[A-Za-z0-9]{8,20}-[A-Za-z0-9]{20,40}'),
  shape('Telegram', ':AA', '\\d{8,10}:AA[\\w-]{33}'),
  shape('Terraform Cloud', '.atlasv1.', '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{60,70}'),
  shape('Twilio', [], 'SK[0-9a-f]{32}'),
  shape('Vercel', ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], 'vc[piark]_[A-Za-z0-9]{24,64}'),
  shape('xAI', 'xai-', 'xai-[A-Za-z0-9]{80}'),
]
