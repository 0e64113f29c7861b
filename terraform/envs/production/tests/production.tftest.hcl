mock_provider "google" {
  override_during = plan
  mock_resource "google_kms_crypto_key" {
    defaults = { id = "projects/p/locations/l/keyRings/r/cryptoKeys/k" }
  }
  mock_data "google_project" {
    defaults = { number = "123" }
  }
  mock_resource "google_compute_global_address" {
    defaults = { address = "10.20.0.0" }
  }
  mock_resource "google_compute_network" {
    defaults = { id = "projects/p/global/networks/todo" }
  }
  mock_resource "google_service_account" {
    defaults = { email = "someone@example-project.iam.gserviceaccount.com", member = "serviceAccount:someone@example-project.iam.gserviceaccount.com", name = "projects/p/serviceAccounts/someone" }
  }
  mock_resource "google_cloud_run_v2_service" {
    defaults = { uri = "https://todo-abc-ew.a.run.app" }
  }
  mock_resource "google_sql_database_instance" {
    defaults = { connection_name = "example-project:europe-west1:todo-db" }
  }
}

variables {
  project_id             = "example-project"
  region                 = "europe-west1"
  image                  = "europe-west1-docker.pkg.dev/p/todo/todo@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  repository_id          = "4711"
  workload_identity_pool = "projects/123/locations/global/workloadIdentityPools/github"
  state_bucket           = "example-project-terraform-state"
  alert_emails           = ["on-call@example.com"]
  session_key            = "0123456789abcdef0123456789abcdef"
}

run "production_is_hardened_by_default" {
  command = plan
  assert {
    condition     = var.profile == "hardened"
    error_message = "production is hardened by default."
  }
  assert {
    condition     = output.shiplock.service == "todo-production"
    error_message = "The service is the environment's."
  }
  assert {
    condition     = endswith(output.shiplock.repository, "/todo-production")
    error_message = "So is the repository of images."
  }
}

run "production_is_smallest_by_one_variable" {
  command = plan
  variables {
    profile = "smallest"
  }
  assert {
    condition     = output.shiplock.service == "todo-production"
    error_message = "The other profile is one variable away."
  }
}
