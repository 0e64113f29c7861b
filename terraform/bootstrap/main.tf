# Once for each environment's project, by a person: what Terraform itself stands on, and the door through which GitHub's jobs come in.

locals {
  services = toset([
    "artifactregistry.googleapis.com", "binaryauthorization.googleapis.com", "billingbudgets.googleapis.com", "cloudkms.googleapis.com",
    "cloudresourcemanager.googleapis.com", "compute.googleapis.com", "containeranalysis.googleapis.com", "containerscanning.googleapis.com",
    "iam.googleapis.com", "iamcredentials.googleapis.com", "logging.googleapis.com", "monitoring.googleapis.com", "orgpolicy.googleapis.com",
    "run.googleapis.com", "secretmanager.googleapis.com", "servicenetworking.googleapis.com", "sqladmin.googleapis.com", "sts.googleapis.com",
    "cloudtrace.googleapis.com",
  ])
  labels = merge(var.labels, { managed-by = "terraform", part = "bootstrap" })
}

resource "google_project_service" "this" {
  for_each = local.services
  project  = var.project_id
  service  = each.key
  # Others in the project may use it too.
  disable_on_destroy = false
}

resource "google_storage_bucket" "state" {
  name                        = "${var.project_id}-terraform-state"
  location                    = var.region
  labels                      = local.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  versioning {
    enabled = true
  }
  # Older versions of the state go after the tenth that came later, and never within a month.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      num_newer_versions         = 10
      days_since_noncurrent_time = 30
    }
  }
  soft_delete_policy {
    retention_duration_seconds = 2592000
  }

  lifecycle {
    prevent_destroy = true
  }
  depends_on = [google_project_service.this]
}

resource "google_iam_workload_identity_pool" "github" {
  workload_identity_pool_id = "github"
  display_name              = "GitHub Actions"
  description               = "Jobs of ${var.repository} prove who they are here; there is no key."
  depends_on                = [google_project_service.this]
}

resource "google_iam_workload_identity_pool_provider" "repository" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.github.workload_identity_pool_id
  workload_identity_pool_provider_id = "repository"
  display_name                       = "One repository"
  description                        = var.repository

  attribute_mapping = {
    "google.subject"          = "assertion.sub"
    "attribute.repository_id" = "assertion.repository_id"
    "attribute.ref"           = "assertion.ref"
    # The environment stands in the token only of a job that names one; such a job waits for the environment's approval.
    "attribute.deployment" = "(has(assertion.environment) ? assertion.environment : 'none') + '@' + assertion.ref"
  }
  # By numbers, for names can be given up and taken by somebody else. Runners of the repository's own are refused: what ran on
  # them before may still be there.
  attribute_condition = "assertion.repository_owner_id == '${var.repository_owner_id}' && assertion.repository_id == '${var.repository_id}' && assertion.runner_environment == 'github-hosted'"

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

# Nobody makes a key of an account, or lets in identities of another issuer, by accident or otherwise.
resource "google_org_policy_policy" "no_keys" {
  for_each   = toset(["iam.disableServiceAccountKeyCreation", "iam.disableServiceAccountKeyUpload"])
  name       = "projects/${var.project_id}/policies/${each.key}"
  parent     = "projects/${var.project_id}"
  depends_on = [google_project_service.this]
  spec {
    rules {
      enforce = "TRUE"
    }
  }
}

resource "google_org_policy_policy" "sql_private" {
  name       = "projects/${var.project_id}/policies/sql.restrictPublicIp"
  parent     = "projects/${var.project_id}"
  depends_on = [google_project_service.this]
  spec {
    rules {
      enforce = "TRUE"
    }
  }
}
