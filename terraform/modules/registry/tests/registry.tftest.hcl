mock_provider "google" {
  override_during = plan
}

variables {
  project_id    = "example-project"
  region        = "europe-west1"
  repository_id = "todo-production"
  writers       = { pusher = "pusher@example-project.iam.gserviceaccount.com" }
  readers       = { deployer = "deployer@example-project.iam.gserviceaccount.com" }
  labels        = { service = "todo" }
}

run "a_tag_names_one_image_for_ever" {
  command = plan
  assert {
    condition     = google_artifact_registry_repository.images.docker_config[0].immutable_tags == true
    error_message = "A tag that moves names whatever was pushed last."
  }
  assert {
    condition     = google_artifact_registry_repository.images.format == "DOCKER" && google_artifact_registry_repository.images.mode == "STANDARD_REPOSITORY"
    error_message = "It keeps images of our own, and is no mirror of somebody else's."
  }
  assert {
    condition     = google_artifact_registry_repository.images.location == "europe-west1" && google_artifact_registry_repository.images.repository_id == "todo-production"
    error_message = "It is where and called what was asked."
  }
  assert {
    condition     = google_artifact_registry_repository.images.vulnerability_scanning_config[0].enablement_config == "INHERITED"
    error_message = "Google scans what is pushed, where the project has scanning."
  }
  assert {
    condition     = google_artifact_registry_repository.images.labels["service"] == "todo"
    error_message = "It carries the labels."
  }
  assert {
    condition     = output.url == "europe-west1-docker.pkg.dev/example-project/todo-production"
    error_message = "The pipeline is told where to push."
  }
}

run "cleaning_up_respects_the_rollback_window" {
  command = plan
  assert {
    condition     = google_artifact_registry_repository.images.cleanup_policy_dry_run == false
    error_message = "A dry run cleans nothing up."
  }
  assert {
    condition     = one([for policy in google_artifact_registry_repository.images.cleanup_policies : policy.most_recent_versions[0].keep_count if policy.action == "KEEP"]) == 20
    error_message = "The newest 20 images are kept whatever their age."
  }
  assert {
    condition     = one([for policy in google_artifact_registry_repository.images.cleanup_policies : policy.condition[0].older_than if policy.action == "DELETE"]) == "7776000s"
    error_message = "Beyond the window an image is kept 90 days."
  }
  assert {
    condition     = one([for policy in google_artifact_registry_repository.images.cleanup_policies : policy.condition[0].tag_state if policy.action == "DELETE"]) == "ANY"
    error_message = "Tagged and untagged images age alike."
  }
}

run "only_the_pusher_writes" {
  command = plan
  assert {
    condition     = [for grant in google_artifact_registry_repository_iam_member.writer : "${grant.role} ${grant.member}"] == ["roles/artifactregistry.writer serviceAccount:pusher@example-project.iam.gserviceaccount.com"]
    error_message = "Exactly one account writes, and it may write only."
  }
  assert {
    condition     = [for grant in google_artifact_registry_repository_iam_member.reader : "${grant.role} ${grant.member}"] == ["roles/artifactregistry.reader serviceAccount:deployer@example-project.iam.gserviceaccount.com"]
    error_message = "Who reads may read only."
  }
}

run "our_own_key_is_used_where_there_is_one" {
  command = plan
  variables {
    kms_key_name = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
  }
  assert {
    condition     = google_artifact_registry_repository.images.kms_key_name == "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    error_message = "The images are encrypted by the key that was given."
  }
}

run "a_rollback_window_of_nothing_is_refused" {
  command = plan
  variables {
    rollback_window = 1
  }
  expect_failures = [var.rollback_window]
}

run "images_are_not_thrown_away_within_a_month" {
  command = plan
  variables {
    keep_days = 7
  }
  expect_failures = [var.keep_days]
}

run "a_repository_with_capitals_is_refused" {
  command = plan
  variables {
    repository_id = "Todo"
  }
  expect_failures = [var.repository_id]
}
