output "name" {
  description = "The service's name."
  value       = google_cloud_run_v2_service.this.name
}

output "url" {
  description = "Where the service answers."
  value       = google_cloud_run_v2_service.this.uri
}

output "migration_job" {
  description = "The name of the job that changes the database's schema."
  value       = google_cloud_run_v2_job.migrate.name
}
