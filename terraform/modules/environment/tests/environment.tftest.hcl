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
  environment            = "production"
  profile                = "hardened"
  region                 = "europe-west1"
  image                  = "europe-west1-docker.pkg.dev/p/todo/todo@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  repository_id          = "4711"
  workload_identity_pool = "projects/123/locations/global/workloadIdentityPools/github"
  state_bucket           = "example-project-terraform-state"
  alert_emails           = ["on-call@example.com"]
  session_key            = "0123456789abcdef0123456789abcdef"
}

run "hardened_keeps_its_own_keys_in_hardware" {
  command = plan
  assert {
    condition     = google_kms_crypto_key.data[0].version_template[0].protection_level == "HSM" && google_kms_crypto_key.data[0].rotation_period == "7776000s"
    error_message = "The data's key is in hardware, and a new one comes every 90 days."
  }
  assert {
    condition     = google_kms_crypto_key.data[0].purpose == "ENCRYPT_DECRYPT" && google_kms_crypto_key.data[0].destroy_scheduled_duration == "2592000s"
    error_message = "A destroyed key can be taken back for 30 days."
  }
  assert {
    condition     = toset([for grant in google_kms_crypto_key_iam_member.service_agent : grant.member]) == toset(["serviceAccount:service-123@gcp-sa-artifactregistry.iam.gserviceaccount.com", "serviceAccount:service-123@serverless-robot-prod.iam.gserviceaccount.com", "serviceAccount:service-123@gcp-sa-secretmanager.iam.gserviceaccount.com", "serviceAccount:service-123@gcp-sa-cloud-sql.iam.gserviceaccount.com"])
    error_message = "Google's accounts that work for us use the key, and no person does."
  }
  assert {
    condition     = alltrue([for grant in google_kms_crypto_key_iam_member.service_agent : grant.role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"])
    error_message = "They encrypt and decrypt, and manage nothing."
  }
  assert {
    condition     = local.profile.high_availability && local.profile.min_instances == 2 && local.profile.log_retention_days == 400
    error_message = "Hardened is awake in two zones and remembers for more than a year."
  }
}

run "smallest_costs_nothing_while_it_sleeps" {
  command = plan
  variables {
    profile = "smallest"
  }
  assert {
    condition     = length(google_kms_crypto_key.data) == 0 && length(google_kms_crypto_key_iam_member.service_agent) == 0
    error_message = "Google's own keys are enough for the smallest."
  }
  assert {
    condition     = local.profile.min_instances == 0 && !local.profile.high_availability && local.profile.tier == "db-f1-micro"
    error_message = "The smallest sleeps, in one zone, on the smallest machine."
  }
}

run "both_profiles_are_protected_alike" {
  command = plan
  variables {
    profile = "smallest"
  }
  assert {
    condition     = toset(keys(local.profiles.smallest)) == toset(keys(local.profiles.hardened))
    error_message = "A setting of one profile is missing in the other."
  }
  assert {
    condition     = !anytrue([for name in keys(local.profiles.smallest) : strcontains(name, "protection") && name != "protection_level"])
    error_message = "Protections aren't a matter of the profile."
  }
}

run "everything_is_labelled" {
  command = plan
  assert {
    condition     = jsonencode(local.labels) == jsonencode({ service = "todo", environment = "production", managed-by = "terraform" })
    error_message = "Labels say whose it is."
  }
}

run "labels_of_ones_own_join" {
  command = plan
  variables {
    labels = { team = "checkout" }
  }
  assert {
    condition     = local.labels["team"] == "checkout" && local.labels["managed-by"] == "terraform"
    error_message = "Both are there."
  }
}

run "the_pipeline_is_told_what_it_needs" {
  command = plan
  assert {
    condition     = output.shiplock.service == "todo-production" && output.shiplock.project == "example-project" && output.shiplock.region == "europe-west1"
    error_message = "Service, project and region."
  }
  assert {
    condition     = output.shiplock.migrationJob == "todo-production-migrate" && output.shiplock.url == "https://todo-abc-ew.a.run.app"
    error_message = "The job that migrates and the address that answers."
  }
  assert {
    condition     = output.shiplock.signingKey == "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"
    error_message = "The key that signs the decision."
  }
}

run "the_deployer_may_call_a_private_service" {
  command = plan
  assert {
    condition     = local.callers == { deployer = "serviceAccount:someone@example-project.iam.gserviceaccount.com" }
    error_message = "Otherwise no candidate can be probed."
  }
}

run "a_short_session_key_is_refused" {
  command = plan
  variables {
    session_key = "short"
  }
  expect_failures = [var.session_key]
}

run "an_unknown_profile_is_refused" {
  command = plan
  variables {
    profile = "medium"
  }
  expect_failures = [var.profile]
}

run "a_project_id_with_capitals_is_refused" {
  command = plan
  variables {
    project_id = "Example"
  }
  expect_failures = [var.project_id]
}

run "a_label_with_capitals_is_refused" {
  command = plan
  variables {
    labels = { Team = "Checkout" }
  }
  expect_failures = [var.labels]
}
