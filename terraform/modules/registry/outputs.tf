output "name" {
  description = "The full name of the repository: projects/P/locations/R/repositories/N."
  value       = google_artifact_registry_repository.images.id
}

output "url" {
  description = "Where images are pushed to and pulled from."
  value       = "${google_artifact_registry_repository.images.location}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}"
}
