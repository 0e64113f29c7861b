mock_provider "google" {
  override_during = plan
}

variables {
  prefix = "todo-production"
  secrets = {
    session-key = { version = 3, readers = { runtime = "runtime@example-project.iam.gserviceaccount.com" } }
    mail-key    = { version = 1, readers = {} }
  }
  values = { session-key = "a value that nobody keeps", mail-key = "another" }
  labels = { service = "todo" }
}

run "a_secret_is_protected" {
  command = plan
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.deletion_protection == true])
    error_message = "A secret isn't deleted by an apply."
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.version_destroy_ttl == "604800s"])
    error_message = "A destroyed version can be taken back for a week."
  }
  assert {
    condition     = toset([for secret in google_secret_manager_secret.this : secret.secret_id]) == toset(["todo-production-session-key", "todo-production-mail-key"])
    error_message = "Secrets carry the environment's name."
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.labels["service"] == "todo"])
    error_message = "Secrets carry the labels."
  }
}

run "a_value_is_written_and_not_kept" {
  command = plan
  assert {
    condition     = alltrue([for version in google_secret_manager_secret_version.this : version.secret_data == null])
    error_message = "secret_data is kept in the state."
  }
  assert {
    condition     = google_secret_manager_secret_version.this["session-key"].secret_data_wo_version == 3
    error_message = "A new number writes a new version."
  }
  assert {
    condition     = alltrue([for version in google_secret_manager_secret_version.this : version.deletion_policy == "DISABLE"])
    error_message = "An older version is disabled, not destroyed: a rollback may need it."
  }
}

run "each_secret_has_its_own_readers" {
  command = plan
  assert {
    condition     = keys(google_secret_manager_secret_iam_member.reader) == ["session-key runtime"]
    error_message = "Only who was named reads, and only that secret."
  }
  assert {
    condition     = alltrue([for grant in google_secret_manager_secret_iam_member.reader : grant.role == "roles/secretmanager.secretAccessor" && grant.member == "serviceAccount:runtime@example-project.iam.gserviceaccount.com"])
    error_message = "A reader reads, and can't write."
  }
}

run "secrets_stay_in_the_region_that_was_named" {
  command = plan
  variables {
    replica_region = "europe-west1"
    kms_key_name   = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : length(secret.replication[0].auto) == 0 && secret.replication[0].user_managed[0].replicas[0].location == "europe-west1"])
    error_message = "One region keeps them."
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name == "projects/p/locations/l/keyRings/r/cryptoKeys/k"])
    error_message = "They are encrypted by the key that was given."
  }
}

run "a_version_zero_is_refused" {
  command = plan
  variables {
    secrets = { session-key = { version = 0, readers = {} } }
  }
  expect_failures = [var.secrets]
}

run "a_name_with_capitals_is_refused" {
  command = plan
  variables {
    secrets = { SESSION_KEY = { version = 1, readers = {} } }
    values  = { SESSION_KEY = "x" }
  }
  expect_failures = [var.secrets]
}
