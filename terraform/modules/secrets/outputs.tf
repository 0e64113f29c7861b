output "secrets" {
  description = "Each secret's id and the number of its newest version, as a revision names them."
  value       = { for name, secret in google_secret_manager_secret.this : name => { secret = secret.secret_id, version = google_secret_manager_secret_version.this[name].version } }
}
