output "state_bucket" {
  description = "The bucket of the state, for terraform init -backend-config=bucket=."
  value       = google_storage_bucket.state.name
}

output "workload_identity_pool" {
  description = "The pool's full name, for the environments."
  value       = google_iam_workload_identity_pool.github.name
}

output "workload_identity_provider" {
  description = "The provider's full name, for the workflows."
  value       = google_iam_workload_identity_pool_provider.repository.name
}
