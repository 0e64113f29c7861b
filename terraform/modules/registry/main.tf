resource "google_artifact_registry_repository" "images" {
  project                = var.project_id
  repository_id          = var.repository_id
  location               = var.region
  format                 = "DOCKER"
  mode                   = "STANDARD_REPOSITORY"
  description            = "Images that the pipeline built and signed."
  kms_key_name           = var.kms_key_name
  labels                 = var.labels
  cleanup_policy_dry_run = false

  # A tag that can be moved is a name for whatever somebody pushed last.
  docker_config {
    immutable_tags = true
  }

  # KEEP wins over DELETE: what a rollback may need stays, however old.
  cleanup_policies {
    id     = "keep-rollback-window"
    action = "KEEP"
    most_recent_versions {
      keep_count = var.rollback_window
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      tag_state  = "ANY"
      older_than = "${var.keep_days * 24 * 60 * 60}s"
    }
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }
}

resource "google_artifact_registry_repository_iam_member" "writer" {
  for_each   = var.writers
  repository = google_artifact_registry_repository.images.name
  location   = google_artifact_registry_repository.images.location
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${each.value}"
}

resource "google_artifact_registry_repository_iam_member" "reader" {
  for_each   = var.readers
  repository = google_artifact_registry_repository.images.name
  location   = google_artifact_registry_repository.images.location
  role       = "roles/artifactregistry.reader"
  member     = "serviceAccount:${each.value}"
}
