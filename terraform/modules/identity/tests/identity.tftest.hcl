mock_provider "google" {
  override_during = plan
}

# So that each account can be told from the others.
override_resource {
  target          = google_service_account.this["runtime"]
  override_during = plan
  values          = { member = "serviceAccount:runtime", name = "accounts/runtime", email = "runtime" }
}
override_resource {
  target          = google_service_account.this["migrator"]
  override_during = plan
  values          = { member = "serviceAccount:migrator", name = "accounts/migrator", email = "migrator" }
}
override_resource {
  target          = google_service_account.this["deployer"]
  override_during = plan
  values          = { member = "serviceAccount:deployer", name = "accounts/deployer", email = "deployer" }
}
override_resource {
  target          = google_service_account.this["pusher"]
  override_during = plan
  values          = { member = "serviceAccount:pusher", name = "accounts/pusher", email = "pusher" }
}
override_resource {
  target          = google_service_account.this["attestor"]
  override_during = plan
  values          = { member = "serviceAccount:attestor", name = "accounts/attestor", email = "attestor" }
}
override_resource {
  target          = google_service_account.this["planner"]
  override_during = plan
  values          = { member = "serviceAccount:planner", name = "accounts/planner", email = "planner" }
}

variables {
  project_id             = "example-project"
  service                = "todo"
  environment            = "production"
  workload_identity_pool = "projects/123/locations/global/workloadIdentityPools/github"
  repository_id          = "4711"
  database_instance      = "todo-production-db"
  state_bucket           = "example-project-terraform-state"
}

run "there_are_six_accounts_and_their_ids_fit" {
  command = plan
  assert {
    condition     = toset(keys(google_service_account.this)) == toset(["runtime", "migrator", "deployer", "pusher", "attestor", "planner"])
    error_message = "An account was added or lost: what may it do, and who becomes it?"
  }
  assert {
    condition     = alltrue([for account in google_service_account.this : length(account.account_id) >= 6 && length(account.account_id) <= 30])
    error_message = "An account's id has 6 to 30 characters."
  }
  assert {
    condition     = alltrue([for account in google_service_account.this : length(account.description) > 10])
    error_message = "Each account says what it is for."
  }
}

run "the_longest_service_name_still_fits" {
  command = plan
  variables {
    service = "ninechars"
  }
  assert {
    condition     = alltrue([for account in google_service_account.this : length(account.account_id) <= 30])
    error_message = "An account's id has at most 30 characters."
  }
}

run "github_becomes_an_account_only_in_this_environment_and_on_main" {
  command = plan
  assert {
    condition     = google_service_account_iam_member.federated["deployer"].member == "principalSet://iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/github/attribute.deployment/production@refs/heads/main"
    error_message = "The deployer is a job of the environment on its ref, and nobody else."
  }
  assert {
    condition     = google_service_account_iam_member.federated["pusher"].member == google_service_account_iam_member.federated["deployer"].member
    error_message = "Who pushes is a job of the same environment and ref."
  }
  assert {
    condition     = google_service_account_iam_member.federated["attestor"].member == google_service_account_iam_member.federated["deployer"].member
    error_message = "Who signs is a job of the same environment and ref."
  }
  assert {
    condition     = google_service_account_iam_member.federated["planner"].member == "principalSet://iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/github/attribute.repository_id/4711"
    error_message = "Who plans is a job of this repository."
  }
  assert {
    condition     = alltrue([for grant in google_service_account_iam_member.federated : grant.role == "roles/iam.workloadIdentityUser"])
    error_message = "GitHub's jobs become accounts by federation only."
  }
  assert {
    condition     = toset(keys(google_service_account_iam_member.federated)) == toset(["deployer", "pusher", "attestor", "planner"])
    error_message = "No job ever becomes the runtime or the migrator."
  }
  assert {
    condition     = alltrue([for name, grant in google_service_account_iam_member.federated : grant.service_account_id == "accounts/${name}"])
    error_message = "Each grant is on the account that it is for."
  }
}

run "the_deployer_acts_as_two_accounts_and_no_other" {
  command = plan
  assert {
    condition     = toset([for grant in google_service_account_iam_member.deployer_acts_as : grant.service_account_id]) == toset(["accounts/runtime", "accounts/migrator"])
    error_message = "The deployer acts as runtime and migrator, and cannot make itself more."
  }
  assert {
    condition     = alltrue([for grant in google_service_account_iam_member.deployer_acts_as : grant.member == "serviceAccount:deployer" && grant.role == "roles/iam.serviceAccountUser"])
    error_message = "Only the deployer acts as them."
  }
}

run "the_database_is_open_to_two_accounts_and_only_this_one" {
  command = plan
  assert {
    condition     = toset([for grant in google_project_iam_member.database : "${grant.member} ${grant.role}"]) == toset(["serviceAccount:runtime roles/cloudsql.client", "serviceAccount:runtime roles/cloudsql.instanceUser", "serviceAccount:migrator roles/cloudsql.client", "serviceAccount:migrator roles/cloudsql.instanceUser"])
    error_message = "Runtime and migrator connect, as users without a password; nobody else."
  }
  assert {
    condition     = alltrue([for grant in google_project_iam_member.database : grant.condition[0].expression == "resource.service == \"sqladmin.googleapis.com\" && resource.name == \"projects/example-project/instances/todo-production-db\""])
    error_message = "They reach this instance, not the project's others."
  }
}

run "no_account_has_more_than_it_needs" {
  command = plan
  assert {
    condition     = toset([for grant in google_project_iam_member.telemetry : "${grant.member} ${grant.role}"]) == toset(["serviceAccount:runtime roles/monitoring.metricWriter", "serviceAccount:runtime roles/cloudtrace.agent"])
    error_message = "The runtime writes metrics and traces."
  }
  assert {
    condition     = google_project_iam_member.canary_metrics.role == "roles/monitoring.viewer" && google_project_iam_member.canary_metrics.member == "serviceAccount:deployer"
    error_message = "The deployer reads metrics."
  }
  assert {
    condition     = alltrue([for grant in google_project_iam_member.planner : grant.member == "serviceAccount:planner"])
    error_message = "The planner's roles are the planner's."
  }
  assert {
    condition     = alltrue([for grant in google_project_iam_member.planner : endswith(lower(grant.role), "viewer") || endswith(grant.role, ".reader") || grant.role == "roles/iam.securityReviewer"])
    error_message = "The planner reads only: pull requests run as it."
  }
  assert {
    condition     = !contains([for grant in google_project_iam_member.planner : grant.role], "roles/viewer") && !contains([for grant in google_project_iam_member.planner : grant.role], "roles/secretmanager.secretAccessor")
    error_message = "The planner sees that secrets are there, never what they are."
  }
}

run "the_planner_reads_its_own_state_only" {
  command = plan
  assert {
    condition     = google_storage_bucket_iam_member.planner_state.role == "roles/storage.objectViewer" && google_storage_bucket_iam_member.planner_state.member == "serviceAccount:planner"
    error_message = "The planner reads the state and can't write it."
  }
  assert {
    condition     = google_storage_bucket_iam_member.planner_state.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/example-project-terraform-state/objects/production/\")"
    error_message = "The planner reads this environment's state."
  }
}

run "the_operations_of_the_deployer_can_be_followed" {
  command = plan
  assert {
    condition     = google_project_iam_custom_role.operations.permissions == toset(["run.operations.get"])
    error_message = "Following an operation needs one permission."
  }
  assert {
    condition     = google_project_iam_member.operations.member == "serviceAccount:deployer"
    error_message = "Only the deployer has it."
  }
}

run "a_pattern_of_refs_is_refused" {
  command = plan
  variables {
    deploy_ref = "refs/heads/*"
  }
  expect_failures = [var.deploy_ref]
}

run "a_branch_without_its_prefix_is_refused" {
  command = plan
  variables {
    deploy_ref = "main"
  }
  expect_failures = [var.deploy_ref]
}

run "a_repository_by_name_is_refused" {
  command = plan
  variables {
    repository_id = "acme/todo"
  }
  expect_failures = [var.repository_id]
}

run "a_service_name_too_long_for_its_accounts_is_refused" {
  command = plan
  variables {
    service = "tencharslo"
  }
  expect_failures = [var.service]
}

run "an_unknown_environment_is_refused" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}

run "a_pool_by_its_short_name_is_refused" {
  command = plan
  variables {
    workload_identity_pool = "github"
  }
  expect_failures = [var.workload_identity_pool]
}
