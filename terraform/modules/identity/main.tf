# Six accounts, each with the fewest roles: who serves cannot deploy, who builds cannot serve, who decides can do nothing else.
# There is no key to any of them: GitHub's jobs come by Workload Identity Federation, and only from this environment and ref.

locals {
  prefix = "${var.service}-${var.environment}"
  accounts = {
    runtime  = "What the service runs as."
    migrator = "What the job runs as that changes the database's schema."
    deployer = "Makes revisions and moves traffic."
    pusher   = "Pushes images."
    attestor = "Signs the decision to deploy, and does nothing else."
    planner  = "Reads what there is, for terraform plan."
  }
  # Jobs of the environment on its ref; GitHub names both in the token, bootstrap's provider maps them into one attribute.
  deployment = "principalSet://iam.googleapis.com/${var.workload_identity_pool}/attribute.deployment/${var.environment}@${var.deploy_ref}"
  # A plan is shown on pull requests too: any job of the repository, and it can only read.
  repository = "principalSet://iam.googleapis.com/${var.workload_identity_pool}/attribute.repository_id/${var.repository_id}"
  federated = {
    deployer = local.deployment
    pusher   = local.deployment
    attestor = local.deployment
    planner  = local.repository
  }
  to_database = "resource.service == \"sqladmin.googleapis.com\" && resource.name == \"projects/${var.project_id}/instances/${var.database_instance}\""
  database_roles = {
    for pair in setproduct(["runtime", "migrator"], ["roles/cloudsql.client", "roles/cloudsql.instanceUser"]) : "${pair[0]} ${pair[1]}" => { account = pair[0], role = pair[1] }
  }
  planner_roles = toset([
    "roles/artifactregistry.reader", "roles/cloudsql.viewer", "roles/compute.networkViewer", "roles/iam.securityReviewer",
    "roles/logging.viewer", "roles/monitoring.viewer", "roles/run.viewer", "roles/secretmanager.viewer",
  ])
}

resource "google_service_account" "this" {
  for_each     = local.accounts
  account_id   = "${local.prefix}-${each.key}"
  display_name = "${local.prefix} ${each.key}"
  description  = each.value
}

resource "google_service_account_iam_member" "federated" {
  for_each           = local.federated
  service_account_id = google_service_account.this[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = each.value
}

# A revision runs as the account that it names; who makes one must be allowed to act as that account, and as no other.
resource "google_service_account_iam_member" "deployer_acts_as" {
  for_each           = toset(["runtime", "migrator"])
  service_account_id = google_service_account.this[each.key].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.this["deployer"].member
}

resource "google_project_iam_member" "database" {
  for_each = local.database_roles
  project  = var.project_id
  role     = each.value.role
  member   = google_service_account.this[each.value.account].member

  condition {
    title      = "this-database-only"
    expression = local.to_database
  }
}

# The service's metrics and traces; its log lines need no role, Cloud Run takes them from standard output.
resource "google_project_iam_member" "telemetry" {
  for_each = toset(["roles/monitoring.metricWriter", "roles/cloudtrace.agent"])
  project  = var.project_id
  role     = each.key
  member   = google_service_account.this["runtime"].member
}

# The canary is judged by its metrics.
resource "google_project_iam_member" "canary_metrics" {
  project = var.project_id
  role    = "roles/monitoring.viewer"
  member  = google_service_account.this["deployer"].member
}

resource "google_project_iam_member" "planner" {
  for_each = local.planner_roles
  project  = var.project_id
  role     = each.key
  member   = google_service_account.this["planner"].member
}

resource "google_storage_bucket_iam_member" "planner_state" {
  bucket = var.state_bucket
  role   = "roles/storage.objectViewer"
  member = google_service_account.this["planner"].member

  # One environment's state, not that of its neighbours: it names everything there is.
  condition {
    title      = "own-state-only"
    expression = "resource.name.startsWith(\"projects/_/buckets/${var.state_bucket}/objects/${var.environment}/\")"
  }
}

# An operation belongs to the project, not to the service whose it is, so the role on the service doesn't let anybody follow it.
resource "google_project_iam_custom_role" "operations" {
  project     = var.project_id
  role_id     = "${replace(local.prefix, "-", "_")}_operations"
  title       = "${local.prefix}: follow operations of Cloud Run"
  permissions = ["run.operations.get"]
}

resource "google_project_iam_member" "operations" {
  project = var.project_id
  role    = google_project_iam_custom_role.operations.name
  member  = google_service_account.this["deployer"].member
}
