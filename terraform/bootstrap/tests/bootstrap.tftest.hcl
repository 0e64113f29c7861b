mock_provider "google" {
  override_during = plan
}

variables {
  project_id          = "example-project"
  region              = "europe-west1"
  repository          = "acme/todo"
  repository_id       = "4711"
  repository_owner_id = "42"
}

run "the_state_is_kept_and_shown_to_nobody" {
  command = plan
  assert {
    condition     = google_storage_bucket.state.name == "example-project-terraform-state" && google_storage_bucket.state.location == "europe-west1"
    error_message = "The bucket is named after its project."
  }
  assert {
    condition     = google_storage_bucket.state.uniform_bucket_level_access == true && google_storage_bucket.state.public_access_prevention == "enforced"
    error_message = "No object of it can be made public."
  }
  assert {
    condition     = google_storage_bucket.state.versioning[0].enabled == true
    error_message = "An older state can be taken back."
  }
  assert {
    condition     = google_storage_bucket.state.force_destroy == false
    error_message = "It isn't deleted while there is something in it."
  }
  assert {
    condition     = google_storage_bucket.state.soft_delete_policy[0].retention_duration_seconds == 2592000
    error_message = "What was deleted can be taken back for 30 days."
  }
  assert {
    condition     = one(google_storage_bucket.state.lifecycle_rule).condition[0].num_newer_versions == 10 && one(google_storage_bucket.state.lifecycle_rule).condition[0].days_since_noncurrent_time == 30
    error_message = "Ten older versions stay, and none goes within a month."
  }
}

run "github_comes_in_by_numbers" {
  command = plan
  assert {
    condition     = google_iam_workload_identity_pool_provider.repository.attribute_condition == "assertion.repository_owner_id == '42' && assertion.repository_id == '4711' && assertion.runner_environment == 'github-hosted'"
    error_message = "Owner and repository are told by numbers, and runners are GitHub's."
  }
  assert {
    condition     = google_iam_workload_identity_pool_provider.repository.oidc[0].issuer_uri == "https://token.actions.githubusercontent.com"
    error_message = "Tokens are GitHub's."
  }
  assert {
    condition     = google_iam_workload_identity_pool_provider.repository.attribute_mapping["attribute.deployment"] == "(has(assertion.environment) ? assertion.environment : 'none') + '@' + assertion.ref"
    error_message = "Environment and ref become one attribute, so that neither alone opens anything."
  }
  assert {
    condition     = google_iam_workload_identity_pool_provider.repository.attribute_mapping["google.subject"] == "assertion.sub" && google_iam_workload_identity_pool_provider.repository.attribute_mapping["attribute.repository_id"] == "assertion.repository_id"
    error_message = "The audit log says which job it was."
  }
  assert {
    condition     = coalesce(google_iam_workload_identity_pool_provider.repository.disabled, false) == false && google_iam_workload_identity_pool.github.workload_identity_pool_id == "github"
    error_message = "The door is there."
  }
}

run "there_are_no_keys" {
  command = plan
  assert {
    condition     = toset([for policy in google_org_policy_policy.no_keys : policy.name]) == toset(["projects/example-project/policies/iam.disableServiceAccountKeyCreation", "projects/example-project/policies/iam.disableServiceAccountKeyUpload"])
    error_message = "Keys can neither be made nor brought."
  }
  assert {
    condition     = alltrue([for policy in google_org_policy_policy.no_keys : policy.spec[0].rules[0].enforce == "TRUE"])
    error_message = "That holds."
  }
  assert {
    condition     = google_org_policy_policy.sql_private.name == "projects/example-project/policies/sql.restrictPublicIp" && google_org_policy_policy.sql_private.spec[0].rules[0].enforce == "TRUE"
    error_message = "No database of the project gets a public address."
  }
}

run "what_the_environments_need_is_switched_on" {
  command = plan
  assert {
    condition     = alltrue([for service in ["run", "artifactregistry", "sqladmin", "secretmanager", "iam", "iamcredentials", "sts", "binaryauthorization", "cloudkms", "monitoring", "servicenetworking"] : contains(keys(google_project_service.this), "${service}.googleapis.com")])
    error_message = "An API that the environments use is missing: the first apply would fail half way."
  }
  assert {
    condition     = alltrue([for service in google_project_service.this : service.disable_on_destroy == false])
    error_message = "Leaving switches nothing off that others use."
  }
}

run "a_project_id_with_capitals_is_refused" {
  command = plan
  variables {
    project_id = "Example-Project"
  }
  expect_failures = [var.project_id]
}

run "a_repository_id_that_is_a_name_is_refused" {
  command = plan
  variables {
    repository_id = "acme/todo"
  }
  expect_failures = [var.repository_id]
}

run "an_owner_id_that_is_a_name_is_refused" {
  command = plan
  variables {
    repository_owner_id = "acme"
  }
  expect_failures = [var.repository_owner_id]
}

run "a_repository_without_its_owner_is_refused" {
  command = plan
  variables {
    repository = "todo"
  }
  expect_failures = [var.repository]
}
