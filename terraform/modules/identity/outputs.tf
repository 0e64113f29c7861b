output "emails" {
  description = "The accounts' email addresses by what they are for: runtime, migrator, deployer, pusher, attestor, planner."
  value       = { for name, account in google_service_account.this : name => account.email }
}

output "members" {
  description = "The accounts as members of an IAM policy."
  value       = { for name, account in google_service_account.this : name => account.member }
}
