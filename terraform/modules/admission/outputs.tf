output "attestor" {
  description = "The attestor's full name."
  value       = google_binary_authorization_attestor.decision.id
}

output "kms_key_version" {
  description = "The key version that signs, for attest.kms in shiplock.config.ts."
  value       = local.version
}
